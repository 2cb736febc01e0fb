// parse_yaml: yaml-cpp's events into our tree. Its own node tree is not used: it accepts duplicate
// keys, forgets which scalars were quoted and costs several times as much.
#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "scenarios/document.h"

namespace blis {
namespace {

[[noreturn]] void refuse(Problem problem) {
  throw InputError(ErrorKind::usage, std::move(problem));
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Document& document) : document_(document) { open_.reserve(kMaxDepth); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (key_expected()) {  // noted only: an error of syntax may follow, and says more
      document_.problems.push_back(bad_key(mark));
      have_key_ = true;
      return;
    }
    plain_value_only(mark, "", anchor);
    place_value(mark, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (key_expected()) refuse(bad_key(mark));
    document_.problems.push_back({.place = place(mark),
                                  .message = "aliases (`*name`) are not supported",
                                  .expected = "the value itself",
                                  .got = "an alias",
                                  .hint = "write the value out, or vary it with --set"});
    place_value(mark, {});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    plain_value_only(mark, tag, anchor);
    last_was_quoted_ = tag == "!";
    if (key_expected()) {
      if (text == "<<") {
        document_.problems.push_back({.place = place(mark),
                                      .message = "merge keys (`<<`) are not supported",
                                      .expected = "the keys themselves",
                                      .got = "<<",
                                      .hint = "write the keys out, or vary them with --set"});
      }
      key_ = text;
      key_mark_ = mark;
      have_key_ = true;
      last_ = mark;
      return;
    }
    place_value(mark, {.kind = Node::Kind::scalar, .quoted = tag == "!", .text = text});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override {
    check_duplicates(document_, *open_.back());
    open_.pop_back();
  }

  // Where the last event was: yaml-cpp reports some errors at the start of the text.
  const YAML::Mark& last() const { return last_; }
  bool last_was_quoted() const { return last_was_quoted_; }
  Place place(const YAML::Mark& mark) const { return {document_.sources[0], mark.line + 1, mark.column + 1}; }

 private:
  bool key_expected() const { return !open_.empty() && open_.back()->kind == Node::Kind::map && !have_key_; }

  Problem bad_key(const YAML::Mark& mark) const {
    return {.place = place(mark),
            .message = "a key must be a word",
            .expected = "key: value",
            .hint = "is a brace or bracket not closed?"};
  }

  void plain_value_only(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      document_.problems.push_back({.place = place(mark),
                                    .message = "anchors (`&name`) are not supported",
                                    .expected = "the value alone",
                                    .got = "an anchor",
                                    .hint = "remove it, and write the value out where it was used"});
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      document_.problems.push_back({.place = place(mark),
                                    .message = "tags are not supported",
                                    .expected = "the value alone",
                                    .got = tag});
    }
  }

  // The parent's vector does not grow while a child is open, so pointers into it hold.
  Node* place_value(const YAML::Mark& mark, Node node) {
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    last_ = mark;
    if (open_.empty()) return &(document_.root = std::move(node));
    if (have_key_) {
      node.key = std::exchange(key_, {});
      node.key_line = key_mark_.line + 1;
      node.key_column = key_mark_.column + 1;
      have_key_ = false;
    }
    return &open_.back()->children.emplace_back(std::move(node));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    if (key_expected()) refuse(bad_key(mark));
    plain_value_only(mark, tag, anchor);
    if (open_.size() == kMaxDepth) {
      refuse({.place = place(mark),
              .message = "nested too deeply",
              .expected = fmt::format("at most {} levels", kMaxDepth)});
    }
    open_.push_back(place_value(mark, {.kind = kind}));
  }

  Document& document_;
  std::vector<Node*> open_;
  std::string key_;
  YAML::Mark key_mark_, last_;
  bool have_key_ = false;
  bool last_was_quoted_ = false;
};

// yaml-cpp's word for a tab depends on where it stands; ours does not.
void refuse_tabs_and_controls(std::string_view text, const Document& document) {
  std::int64_t line = 1, column = 0;
  bool indentation = true;
  for (const char c : text) {
    ++column;
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      ++line;
      column = 0;
      indentation = true;
    } else if (c == '\t' && indentation) {
      refuse({.place = {document.sources[0], line, column},
              .message = "a tab in the indentation",
              .expected = "spaces",
              .got = "a tab"});
    } else if (byte < 0x20 && c != '\t' && c != '\r') {
      refuse({.place = {document.sources[0], line, column},
              .message = "not a text file",
              .expected = "YAML",
              .got = fmt::format("a control character (0x{:02x})", byte)});
    } else if (c != ' ') {
      indentation = false;
    }
  }
}

// yaml-cpp takes the end of the text for a closing quote. Only the last scalar can be hit.
bool last_quote_is_open(std::string_view text, const YAML::Mark& mark) {
  for (int line = 0; line < mark.line; ++line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const auto column = static_cast<std::size_t>(mark.column);
  if (column >= text.size()) return false;
  const char quote = text[column];
  if (quote != '"' && quote != '\'') return false;  // a literal block
  text.remove_prefix(column + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return false;
    }
  }
  return true;
}

}  // namespace

Document parse_yaml(std::string_view text, std::string name) {
  Document document;
  document.sources.push_back(std::move(name));
  if (text.size() > kMaxYamlBytes) {
    refuse({.place = {document.sources[0]},
            .message = "too large for a scenario",
            .expected = fmt::format("at most {} bytes", kMaxYamlBytes),
            .got = fmt::format("{} bytes", text.size()),
            .hint = "a trace is named by `workload.path`"});
  }
  require_utf8(text, document.sources[0]);
  refuse_tabs_and_controls(text, document);
  TreeBuilder builder(document);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return document;
    if (builder.last_was_quoted() && last_quote_is_open(text, builder.last())) {
      refuse({.place = builder.place(builder.last()),
              .message = "a quote is not closed",
              .expected = "a closing quote"});
    }
    Document rest{.sources = document.sources};
    TreeBuilder second(rest);
    if (parser.HandleNextDocument(second)) {
      document.problems.push_back({.place = value_place(rest, rest.root),
                                   .message = "more text after the end of the document",
                                   .expected = "one document",
                                   .got = "a second one",
                                   .hint = "put it into a file of its own, or check the indentation"});
    }
  } catch (const YAML::Exception& error) {
    const bool vague = error.mark.is_null() || (error.mark.line == 0 && error.mark.column == 0);
    const bool open = error.msg.starts_with("end of") || error.msg.find("EOF") != std::string::npos;
    refuse({.place = builder.place(vague ? builder.last() : error.mark),
            .message = fmt::format("not valid YAML: {}", error.msg),
            .hint = open ? "something that was opened here or earlier is not closed" : ""});
  }
  return document;
}

}  // namespace blis
