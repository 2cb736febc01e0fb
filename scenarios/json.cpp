// parse_json: a recursive-descent parser that keeps line and column of everything. Why not a library:
// docs/decisions.
#include <fmt/core.h>

#include <utility>

#include "scenarios/document.h"

namespace blis {
namespace {

class JsonParser {
 public:
  JsonParser(std::string_view text, Document& document)
      : at_(text.data()), end_(text.data() + text.size()), line_start_(at_), document_(document) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) line_start_ = at_ += kByteOrderMark.size();
  }

  void parse() {
    skip_space();
    if (at_ == end_) return;  // an empty text: the root stays null
    value(document_.root, 0);
    skip_space();
    if (at_ != end_) refuse("more text after the end of the document", "nothing more");
  }

 private:
  [[noreturn]] void refuse(std::string_view message, std::string_view expected) const {
    throw InputError(ErrorKind::usage, {.place = {document_.sources[0], line_, column()},
                                        .message = fmt::format("not valid JSON: {}", message),
                                        .expected = std::string(expected),
                                        .got = here()});
  }
  std::string here() const {
    if (at_ == end_) return "the end of the file";
    const auto byte = static_cast<unsigned char>(*at_);
    return byte > 0x20 && byte < 0x7F ? fmt::format("`{}`", *at_) : fmt::format("the byte 0x{:02x}", byte);
  }
  std::int32_t column() const { return static_cast<std::int32_t>(at_ - line_start_) + 1; }

  void skip_space() {
    for (; at_ != end_; ++at_) {
      if (*at_ == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
        return;
      }
    }
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void value(Node& node, int depth) {
    node.line = line_;
    node.column = column();
    if (take('{')) {
      map(node, depth + 1);
    } else if (take('[')) {
      list(node, depth + 1);
    } else if (take('"')) {
      node.kind = Node::Kind::scalar;
      node.quoted = true;
      string_rest(node.text);
    } else {
      word(node);
    }
  }

  void enter(int depth) const {
    if (depth > kMaxDepth) refuse("nested too deeply", fmt::format("at most {} levels", kMaxDepth));
  }

  void map(Node& node, int depth) {
    enter(depth);
    node.kind = Node::Kind::map;
    skip_space();
    if (take('}')) return;
    do {
      skip_space();
      Node& child = node.children.emplace_back();
      child.key_line = line_;
      child.key_column = column();
      if (!take('"')) refuse("a key is missing", "a key in quotes");
      string_rest(child.key);
      skip_space();
      if (!take(':')) refuse("a key without a value", "`:`");
      skip_space();
      value(child, depth);
      skip_space();
    } while (take(','));
    if (!take('}')) refuse("an object is not closed", "`,` or `}`");
    check_duplicates(document_, node);
  }

  void list(Node& node, int depth) {
    enter(depth);
    node.kind = Node::Kind::list;
    skip_space();
    if (take(']')) return;
    do {
      skip_space();
      value(node.children.emplace_back(), depth);
      skip_space();
    } while (take(','));
    if (!take(']')) refuse("a list is not closed", "`,` or `]`");
  }

  // A number, or true, false, null; also NaN and Infinity, which Python writes into configs and which
  // are refused where a number is asked for.
  void word(Node& node) {
    const char* const begin = at_;
    while (at_ != end_ &&
           (std::isalnum(static_cast<unsigned char>(*at_)) || *at_ == '-' || *at_ == '+' || *at_ == '.')) {
      ++at_;
    }
    const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
    const bool number = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
    if (text == "null") return;
    if (!number && text != "true" && text != "false" && text != "NaN" && text != "Infinity") {
      at_ = begin;
      refuse("a value is missing", "a number, text in quotes, true, false, null, `{` or `[`");
    }
    node.kind = Node::Kind::scalar;
    node.text = text;
  }

  // After the opening quote.
  void string_rest(std::string& result) {
    while (true) {
      const char* const begin = at_;
      while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
      result.append(begin, at_);
      if (take('"')) return;
      if (!take('\\')) refuse("text is not closed on its line", "`\"`");
      escape(result);
    }
  }

  void escape(std::string& result) {
    if (at_ == end_) refuse("text is not closed", "`\"`");
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    if (const std::size_t i = kFrom.find(*at_); i != std::string_view::npos) {
      ++at_;
      result += kTo[i];
      return;
    }
    if (!take('u')) refuse("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
    std::uint32_t code = four_hex_digits();
    if (code >= 0xD800 && code < 0xDC00) {
      if (!take('\\') || !take('u')) refuse("half a surrogate pair", "\\uDC00 to \\uDFFF");
      const std::uint32_t low = four_hex_digits();
      if (low < 0xDC00 || low > 0xDFFF) refuse("half a surrogate pair", "\\uDC00 to \\uDFFF");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
      refuse("half a surrogate pair", "\\uD800 to \\uDBFF first");
    }
    append_utf8(result, code);
  }

  std::uint32_t four_hex_digits() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ == end_ ? '\0' : *at_;
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) refuse("a broken \\u escape", "four hexadecimal digits");
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    return code;
  }

  static void append_utf8(std::string& result, std::uint32_t code) {
    const auto add = [&](std::uint32_t byte) { result += static_cast<char>(byte); };
    const auto tail = [&](int shift) { add(0x80 | ((code >> shift) & 0x3F)); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xC0 | (code >> 6)), tail(0);
    } else if (code < 0x10000) {
      add(0xE0 | (code >> 12)), tail(6), tail(0);
    } else {
      add(0xF0 | (code >> 18)), tail(12), tail(6), tail(0);
    }
  }

  const char* at_;
  const char* end_;
  const char* line_start_;
  std::int32_t line_ = 1;
  Document& document_;
};

}  // namespace

Document parse_json(std::string_view text, std::string name) {
  Document document;
  document.sources.push_back(std::move(name));
  if (text.size() > kMaxJsonBytes) {
    throw InputError(ErrorKind::usage, {.place = {document.sources[0]},
                                        .message = "too large",
                                        .expected = fmt::format("at most {} bytes", kMaxJsonBytes),
                                        .got = fmt::format("{} bytes", text.size())});
  }
  require_utf8(text, document.sources[0]);
  JsonParser(text, document).parse();
  return document;
}

}  // namespace blis
