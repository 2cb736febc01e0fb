// parse_yaml: yaml-cpp's events into our tree. Its own node tree is not used: it accepts duplicate
// keys, forgets which scalars were quoted and costs several times as much.
#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "scenarios/document.h"
#include "scenarios/yaml_documents.h"

namespace blis {
namespace {

[[noreturn]] void refuse(Problem problem) {
  throw InputError(ErrorKind::usage, std::move(problem));
}

// Whether a text is ours, and plain, or has all that YAML has.
enum class Dialect : std::uint8_t { plain, full };

std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  for (const Node& child : node.children) size += size_of(child);
  return size;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Document& document, Dialect dialect = Dialect::plain)
      : document_(document), full_(dialect == Dialect::full) {
    open_.reserve(kMaxDepth);
  }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (key_expected()) {  // noted only: an error of syntax may follow, and says more
      document_.problems.push_back(bad_key(mark));
      have_key_ = true;
      return;
    }
    plain_value_only(mark, "", anchor);
    remember(anchor, *place_value(mark, {}));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (key_expected()) refuse(bad_key(mark));
    if (full_) return place_copy(mark, anchor);
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
      if (text == "<<" && !full_) {
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
    remember(anchor, *place_value(mark, {.kind = Node::Kind::scalar, .quoted = tag == "!", .text = text}));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override {
    if (!full_) check_duplicates(document_, *open_.back());
    close();
  }

  // Where the document began.
  const YAML::Mark& start() const { return start_; }
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
    if (full_) return;
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
    open_anchors_.push_back(anchor);
  }
  void close() {
    if (full_) merge(*open_.back());
    remember(open_anchors_.back(), *open_.back());
    open_anchors_.pop_back();
    open_.pop_back();
  }

  void remember(YAML::anchor_t anchor, const Node& node) {
    if (anchor != 0 && full_) anchors_[anchor] = node;
  }
  void place_copy(const YAML::Mark& mark, YAML::anchor_t anchor) {
    constexpr std::size_t kMostCopied = 200'000;  // nodes; a few lines can name very many
    Node copy = anchors_[anchor];
    copied_ += size_of(copy);
    if (copied_ > kMostCopied) {
      refuse({.place = place(mark),
              .message = "its aliases stand for too much",
              .expected = fmt::format("at most {} values", kMostCopied)});
    }
    // The values stay where they were written.
    Node& here = *place_value(mark, {});
    copy.key = here.key;
    copy.key_line = here.key_line;
    copy.key_column = here.key_column;
    here = std::move(copy);
  }
  // `<<: *other`: the members of other maps, where the map has none of that name itself.
  static void merge(Node& node) {
    const auto found = std::ranges::find(node.children, "<<", &Node::key);
    if (node.kind != Node::Kind::map || found == node.children.end()) return;
    Node source = std::move(*found);
    node.children.erase(found);
    std::vector<Node> maps;
    if (source.kind == Node::Kind::list) {
      maps = std::move(source.children);
    } else {
      maps.push_back(std::move(source));
    }
    for (Node& map : maps) {
      for (Node& member : map.children) {
        if (!node.find(member.key)) node.children.push_back(std::move(member));
      }
    }
  }

  Document& document_;
  bool full_;
  std::vector<Node*> open_;
  std::vector<YAML::anchor_t> open_anchors_;  // of each, or 0
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t copied_ = 0;
  std::string key_;
  YAML::Mark key_mark_, last_, start_;
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

// Too large, or no text.
void check_text(std::string_view text, const Document& document) {
  if (text.size() > kMaxYamlBytes) {
    refuse({.place = {document.sources[0]},
            .message = "too large for a scenario",
            .expected = fmt::format("at most {} bytes", kMaxYamlBytes),
            .got = fmt::format("{} bytes", text.size()),
            .hint = "a trace is named by `workload.path`"});
  }
  require_utf8(text, document.sources[0]);
}

[[noreturn]] void refuse_syntax(const YAML::Exception& error, const TreeBuilder& builder) {
  const bool vague = error.mark.is_null() || (error.mark.line == 0 && error.mark.column == 0);
  const bool open = error.msg.starts_with("end of") || error.msg.find("EOF") != std::string::npos;
  refuse({.place = builder.place(vague ? builder.last() : error.mark),
          .message = fmt::format("not valid YAML: {}", error.msg),
          .hint = open ? "something that was opened here or earlier is not closed" : ""});
}

}  // namespace

Document parse_yaml(std::string_view text, std::string name) {
  Document document;
  document.sources.push_back(std::move(name));
  check_text(text, document);
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
    refuse_syntax(error, builder);
  }
  return document;
}

std::vector<Document> parse_yaml_documents(std::string_view text, std::string name) {
  check_text(text, {.sources = {name}});
  std::vector<Document> documents;
  int last_start = -1;
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  while (true) {
    Document document{.sources = {name}};
    TreeBuilder builder(document, Dialect::full);
    try {
      if (!parser.HandleNextDocument(builder)) return documents;
    } catch (const YAML::Exception& error) {
      refuse_syntax(error, builder);
    }
    // At a stray bracket or comma yaml-cpp finds empty documents for ever.
    if (builder.start().pos <= last_start) {
      refuse({.place = builder.place(builder.start()),
              .message = "not valid YAML: nothing can begin here",
              .hint = "is a bracket or brace closed that was not opened?"});
    }
    last_start = builder.start().pos;
    documents.push_back(std::move(document));
  }
}

}  // namespace blis
