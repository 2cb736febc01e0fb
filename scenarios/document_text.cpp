#include "scenarios/document_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/letter_case.h"
#include "sim/utf8.h"

namespace blis {
namespace {

constexpr std::size_t kCommentColumn = 52;
constexpr std::size_t kLineWidth = 100;

// As JSON and YAML write it; what is no UTF-8 as U+FFFD, and what a terminal would act on as an escape.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (Utf8Character c; !text.empty(); text.remove_prefix(c.bytes)) {
    c = first_character(text);
    if (!c.valid) {
      result += "\xEF\xBF\xBD";
    } else if (c.code == '"' || c.code == '\\') {
      result.append("\\").append(text.substr(0, 1));
    } else if (acts_on_its_reader(c.code)) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c.code));
    } else {
      result += text.substr(0, c.bytes);
    }
  }
  return result + '"';
}

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// A text that every reader of YAML takes for text without quotes.
bool is_plain_word(std::string_view text) {
  if (text.size() < 2 || !(is_alnum(text[0]) || text[0] == '/' || text[0] == '.')) return false;
  if (std::ranges::any_of(
          text, [](char c) { return !is_alnum(c) && c != '_' && c != '-' && c != '.' && c != '/'; })) {
    return false;
  }
  constexpr std::array<std::string_view, 10> kOtherThings{"null", "true", "false", "yes",  "no",
                                                          "on",   "off",  "nan",   ".nan", ".inf"};
  const bool other =
      std::ranges::any_of(kOtherThings, [&](std::string_view word) { return lower_case(text) == word; });
  return !other && !std::isdigit(static_cast<unsigned char>(text[0]));
}

// A remark must not end its line.
std::string on_one_line(const std::string& text) {
  return printable(text);
}

class YamlPrinter {
 public:
  explicit YamlPrinter(const CommentFn& comment) : comment_(comment) {}

  std::string print(const Node& root) {
    map(root, "", 0);
    return std::move(text_);
  }

 private:
  static std::string scalar(const Node& node) {
    if (node.kind == Node::Kind::null) return "null";
    return node.quoted && !is_plain_word(node.text) ? in_quotes(node.text) : node.text;
  }

  // The first line of a list's item begins with "- ", which is as wide as one level.
  void map(const Node& node, const std::string& path, int level, bool item = false) {
    for (const Node& child : node.children) {
      std::string start(static_cast<std::size_t>(level) * 2, ' ');
      if (item) start.replace(start.size() - 2, 2, "- ");
      item = false;
      line(child, path.empty() ? child.key : path + "." + child.key, start + child.key + ":", level);
    }
  }

  // `{ a: 1, b: 2 }`, for a map of scalars that nothing is said about and that fits on the line; else empty.
  std::string on_one_line_map(const Node& node, const std::string& path, std::size_t column) const {
    std::string text = "{ ";
    for (const Node& child : node.children) {
      const bool is_scalar = child.kind == Node::Kind::scalar || child.kind == Node::Kind::null;
      if (!is_scalar || !comment_(path + "." + child.key).empty()) return {};
      text += fmt::format("{}{}: {}", text.size() > 2 ? ", " : "", child.key, scalar(child));
    }
    text += " }";
    return column + text.size() <= kLineWidth ? text : std::string();
  }

  void line(const Node& node, const std::string& path, std::string start, int level) {
    const std::string flow =
        node.kind == Node::Kind::map ? on_one_line_map(node, path, start.size() + 1) : std::string();
    if (!flow.empty()) {
      text_ += start + " " + flow + "\n";
    } else if (node.kind == Node::Kind::map) {
      text_ += start + "\n";
      map(node, path, level + 1);
    } else if (node.kind == Node::Kind::list && !node.children.empty() &&
               node.children[0].kind == Node::Kind::map) {
      text_ += start + "\n";
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        const std::string item = fmt::format("{}.{}", path, i);
        const std::string dash = std::string(static_cast<std::size_t>(level) * 2 + 2, ' ') + "-";
        const std::string one = on_one_line_map(node.children[i], item, dash.size() + 1);
        if (!one.empty()) {
          text_ += dash + " " + one + "\n";
        } else {
          map(node.children[i], item, level + 2, true);
        }
      }
    } else {
      start += ' ';
      if (node.kind == Node::Kind::list) {
        start += '[';
        for (std::size_t i = 0; i < node.children.size(); ++i) {
          start += (i == 0 ? "" : ", ") + scalar(node.children[i]);
        }
        start += ']';
      } else {
        start += scalar(node);
      }
      const std::string remark = on_one_line(comment_(path));
      if (!remark.empty()) {
        start.resize(std::max(start.size() + 1, kCommentColumn), ' ');
        start += "# " + remark;
      }
      text_ += start + "\n";
    }
  }

  const CommentFn& comment_;
  std::string text_;
};

void print_json(const Node& node, std::string& text) {
  switch (node.kind) {
    case Node::Kind::null:
      text += "null";
      return;
    case Node::Kind::scalar:
      text += node.quoted ? in_quotes(node.text) : node.text;
      return;
    case Node::Kind::list:
    case Node::Kind::map:
      break;
  }
  const bool map = node.kind == Node::Kind::map;
  text += map ? '{' : '[';
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text += ", ";
    if (map) text += in_quotes(node.children[i].key) + ": ";
    print_json(node.children[i], text);
  }
  text += map ? '}' : ']';
}

}  // namespace

std::string yaml_text(const Node& root, const CommentFn& comment) {
  return YamlPrinter(comment).print(root);
}

std::string json_text(const Node& root) {
  std::string text;
  print_json(root, text);
  return text;
}

}  // namespace blis
