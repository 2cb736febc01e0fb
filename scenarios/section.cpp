#include "scenarios/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "scenarios/scalar.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

// More than this many problems help nobody, and a hostile file could have a million.
constexpr std::size_t kMaxProblems = 20;
// A long value is cut in messages.
constexpr std::size_t kMaxShown = 60;

std::string shown(std::string_view text) {
  if (text.size() <= kMaxShown) return fmt::format("`{}`", text);
  return fmt::format("`{}...` ({} characters)", text.substr(0, kMaxShown), text.size());
}

// The value as the user wrote it.
std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing (null)";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a section with keys of its own";
    case Node::Kind::scalar:
      break;
  }
  return node.quoted ? fmt::format("the text {}", shown(std::string_view(node.text)))
                     : shown(std::string_view(node.text));
}

Parsed<std::int64_t> parse(std::string_view text, std::int64_t) {
  return strict_integer(text);
}
Parsed<double> parse(std::string_view text, double) {
  return strict_number(text);
}

template <class T>
std::string describe(std::string_view noun, Range<T> range) {
  const bool has_low = range.low != std::numeric_limits<T>::lowest();
  const bool has_high = range.high != std::numeric_limits<T>::max();
  const auto as_text = [](T x) { return to_text(static_cast<double>(x)); };
  if (!has_low && !has_high) return std::string(noun);
  if (!has_high)
    return fmt::format("{} {} {}", noun, range.low_open ? "above" : "of at least", as_text(range.low));
  if (!has_low) return fmt::format("{} of at most {}", noun, as_text(range.high));
  if (range.low_open)
    return fmt::format("{} above {} and up to {}", noun, as_text(range.low), as_text(range.high));
  return fmt::format("{} from {} to {}", noun, as_text(range.low), as_text(range.high));
}

std::string joined(std::span<const std::string> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string describe(Range<std::int64_t> range) {
  return describe("an integer", range);
}
std::string describe(Range<double> range) {
  return describe("a number", range);
}

DocumentReader::DocumentReader(Document document, std::string noun)
    : document_(std::move(document)), noun_(std::move(noun)), problems_(std::move(document_.problems)) {}

Section DocumentReader::root() {
  if (document_.root.kind != Node::Kind::map) {
    const bool empty = document_.root.kind == Node::Kind::null;
    add({.place = value_place(document_, document_.root),
         .message = fmt::format("{} {}", empty ? "an empty" : "not a", noun_),
         .expected = "keys with values",
         .got = empty ? "no keys at all" : shown(document_.root)});
    check();
  }
  return Section(*this, document_.root, {});
}

void DocumentReader::check() {
  if (problems_.empty()) return;
  const bool nothing_wrong = not_modelled_ == problems_.size();
  const auto order = [](const Problem& p) { return std::tie(p.place.file, p.place.line, p.place.column); };
  std::ranges::stable_sort(problems_, {}, order);
  // What is read twice is noted twice.
  const auto same = [&](const Problem& a, const Problem& b) {
    return order(a) == order(b) && a.message == b.message && a.expected == b.expected;
  };
  problems_.erase(std::unique(problems_.begin(), problems_.end(), same), problems_.end());
  if (problems_.size() > kMaxProblems) {
    const std::size_t more = problems_.size() - kMaxProblems;
    problems_.resize(kMaxProblems);
    problems_.push_back({.place = {file()}, .message = fmt::format("and {} more problems", more)});
  }
  throw InputError(nothing_wrong ? ErrorKind::not_modelled : ErrorKind::usage, std::move(problems_));
}

Section::Section(DocumentReader& reader, const Node& node, std::string path)
    : reader_(&reader), node_(&node), path_(std::move(path)) {
  const auto known = std::ranges::find(reader.asked_, &node, &DocumentReader::Asked::node);
  memory_ = static_cast<std::size_t>(known - reader.asked_.begin());
  if (known == reader.asked_.end()) reader.asked_.push_back({&node, {}});
}

std::string Section::path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

Place Section::place() const {
  return key_place(reader_->document_, *node_);
}

Place Section::place(std::string_view key) const {
  const Node* const child = node_->find(key);
  if (!child) return place();
  const bool inner = child->kind == Node::Kind::map || child->kind == Node::Kind::list;
  return inner ? key_place(reader_->document_, *child) : value_place(reader_->document_, *child);
}

bool Section::given(std::string_view key) const {
  const Node* const child = node_->find(key);
  return child && child->kind != Node::Kind::null;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> result;
  for (const Node& child : node_->children) result.push_back(child.key);
  return result;
}

const Node* Section::node(std::string_view key) {
  return ask(key);
}

const Node* Section::ask(std::string_view key) {
  std::vector<std::string>& keys = reader_->asked_[memory_].keys;
  if (std::ranges::find(keys, key) == keys.end()) keys.emplace_back(key);
  return node_->find(key);
}

void Section::wrong(const Node& node, std::string_view key, const std::string& expected, std::string hint) {
  reader_->add({.place = value_place(reader_->document_, node),
                .message = fmt::format("`{}` has a wrong value", path(key)),
                .expected = expected,
                .got = shown(node),
                .hint = std::move(hint)});
}

Problem Section::placed(std::string_view key, Problem problem) const {
  if (problem.place.file.empty()) problem.place = place(key);
  if (const Node* const child = node_->find(key); child && problem.got.empty()) problem.got = shown(*child);
  return problem;
}

void Section::problem(std::string_view key, Problem problem) {
  reader_->add(placed(key, std::move(problem)));
}
void Section::not_modelled(std::string_view key, Problem problem) {
  reader_->add_not_modelled(placed(key, std::move(problem)));
}

std::vector<Unasked> Section::unasked() const {
  std::vector<Unasked> result;
  const std::vector<std::string>& known = reader_->asked_[memory_].keys;
  for (const Node& child : node_->children) {
    if (std::ranges::find(known, child.key) == known.end()) {
      result.push_back({path(child.key), &child, key_place(reader_->document_, child)});
    } else if (std::ranges::find(reader_->asked_, &child, &DocumentReader::Asked::node) !=
               reader_->asked_.end()) {
      std::ranges::move(Section(*reader_, child, path(child.key)).unasked(), std::back_inserter(result));
    }
  }
  return result;
}

const Node* Section::ask_scalar(std::string_view key, const std::string& expected, bool required,
                                bool null_allowed) {
  const Node* const child = ask(key);
  if (!child) {
    if (required) {
      reader_->add(
          {.place = place(), .message = fmt::format("missing key `{}`", path(key)), .expected = expected});
    }
    return nullptr;
  }
  if (child->kind == Node::Kind::scalar) return child;
  if (child->kind == Node::Kind::null && null_allowed) return nullptr;
  wrong(*child, key, expected,
        child->kind == Node::Kind::null && !required ? "remove the key to take its default" : "");
  return nullptr;
}

template <class T>
std::optional<T> Section::ranged(std::string_view key, Range<T> range, bool required, bool null_allowed) {
  const std::string expected = describe(range);
  const Node* const child = ask_scalar(key, expected, required, null_allowed);
  if (!child) return std::nullopt;
  const Parsed<T> parsed = parse(child->text, T{});
  if (child->quoted) {
    wrong(*child, key, expected, parsed.value ? "remove the quotes" : parsed.hint);
  } else if (!parsed.value || !range.contains(*parsed.value)) {
    wrong(*child, key, expected, parsed.hint);
  } else {
    return parsed.value;
  }
  return std::nullopt;
}

std::int64_t Section::integer(std::string_view key, Range<std::int64_t> range,
                              std::optional<std::int64_t> fallback) {
  return ranged(key, range, !fallback, false).value_or(fallback.value_or(range.contains(0) ? 0 : range.low));
}
double Section::number(std::string_view key, Range<double> range, std::optional<double> fallback) {
  return ranged(key, range, !fallback, false).value_or(fallback.value_or(0));
}
std::optional<std::int64_t> Section::maybe_integer(std::string_view key, Range<std::int64_t> range) {
  return ranged(key, range, false, true);
}
std::optional<double> Section::maybe_number(std::string_view key, Range<double> range) {
  return ranged(key, range, false, true);
}

std::optional<bool> Section::maybe_boolean(std::string_view key) {
  const std::string expected = "true or false";
  const Node* const child = ask_scalar(key, expected, false, true);
  if (!child) return std::nullopt;
  const Parsed<bool> parsed = strict_boolean(child->text);
  if (parsed.value && !child->quoted) return parsed.value;
  wrong(*child, key, expected, child->quoted && parsed.value ? "remove the quotes" : parsed.hint);
  return std::nullopt;
}

bool Section::boolean(std::string_view key, std::optional<bool> fallback) {
  const Node* const child = ask_scalar(key, "true or false", !fallback, false);
  return child ? maybe_boolean(key).value_or(false) : fallback.value_or(false);
}

std::string Section::text(std::string_view key, std::optional<std::string> fallback) {
  const Node* const child = ask_scalar(key, "a text", !fallback, false);
  if (!child) return fallback.value_or("");
  if (child->text.empty()) wrong(*child, key, "a text that is not empty", "");
  return child->text;
}

std::optional<std::string> Section::maybe_text(std::string_view key) {
  const Node* const child = ask_scalar(key, "a text", false, true);
  return child ? std::optional(child->text) : std::nullopt;
}

std::size_t Section::choice(std::string_view key, std::span<const std::string> names,
                            std::optional<std::size_t> fallback) {
  const std::string expected = fmt::format("one of {}", joined(names));
  const Node* const child = ask_scalar(key, expected, !fallback, false);
  if (!child) return fallback.value_or(0);
  const auto found = std::ranges::find(names, child->text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  wrong(*child, key, expected, did_you_mean(child->text, names));
  return fallback.value_or(0);
}

std::optional<double> Section::ranged_item(const Node& item, std::string_view key, Range<double> range) {
  const Parsed<double> parsed = item.kind == Node::Kind::scalar ? strict_number(item.text) : Parsed<double>{};
  if (parsed.value && !item.quoted && range.contains(*parsed.value)) return parsed.value;
  wrong(item, key, fmt::format("a list of which each is {}", describe(range)), parsed.hint);
  return std::nullopt;
}

std::vector<double> Section::numbers(std::string_view key, Range<double> range) {
  std::vector<double> result;
  const Node* const child = ask(key);
  if (!child || child->kind == Node::Kind::null) return result;
  if (child->kind != Node::Kind::list) {
    wrong(*child, key, "a list of numbers: [1, 2]", "");
    return result;
  }
  for (const Node& item : child->children) {
    if (const auto value = ranged_item(item, key, range)) result.push_back(*value);
  }
  return result;
}

std::vector<std::string> Section::texts(std::string_view key) {
  std::vector<std::string> result;
  const Node* const child = ask(key);
  if (!child || child->kind == Node::Kind::null) return result;
  if (child->kind != Node::Kind::list) {
    wrong(*child, key, "a list of texts: [a, b]", "");
    return result;
  }
  for (const Node& item : child->children) {
    if (item.kind == Node::Kind::scalar) {
      result.push_back(item.text);
    } else {
      wrong(item, key, "a list of texts: [a, b]", "");
    }
  }
  return result;
}

std::vector<Section> Section::sections(std::string_view key) {
  std::vector<Section> result;
  const Node* const child = ask(key);
  if (!child) return result;
  if (child->kind != Node::Kind::list) {
    wrong(*child, key, "a list of sections, each begun with `-`", "");
    return result;
  }
  for (std::size_t i = 0; i < child->children.size(); ++i) {
    const Node& item = child->children[i];
    if (item.kind == Node::Kind::map) {
      result.push_back(Section(*reader_, item, fmt::format("{}.{}", path(key), i)));
    } else {
      wrong(item, key, "keys with values", "");
    }
  }
  return result;
}

std::optional<Section> Section::section(std::string_view key) {
  const Node* const child = ask(key);
  if (!child || child->kind == Node::Kind::null) return std::nullopt;
  if (child->kind == Node::Kind::map) return Section(*reader_, *child, path(key));
  wrong(*child, key, "a section with keys of its own", "");
  return std::nullopt;
}

std::optional<Section> Section::required_section(std::string_view key) {
  if (!given(key)) {
    ask(key);
    reader_->add({.place = has(key) ? place(key) : place(),
                  .message = fmt::format("missing section `{}`", path(key)),
                  .expected = fmt::format("`{}:` with keys of its own", key)});
    return std::nullopt;
  }
  return section(key);
}

void Section::allow_other_keys() {
  reader_->asked_[memory_].others_allowed = true;
}

void Section::finish() {
  if (reader_->asked_[memory_].others_allowed) return;
  const std::vector<std::string>& known = reader_->asked_[memory_].keys;
  for (const Node& child : node_->children) {
    if (std::ranges::find(known, child.key) != known.end()) continue;
    if (reader_->problems_.size() > kMaxProblems) {  // counted, but not worth comparing names for
      reader_->add({.place = key_place(reader_->document_, child), .message = "unknown key"});
      continue;
    }
    reader_->add({.place = key_place(reader_->document_, child),
                  .message = fmt::format("unknown key {}", shown(std::string_view(child.key))),
                  .expected = fmt::format("one of {}", joined(known)),
                  .got = child.key.substr(0, kMaxShown),
                  .hint = did_you_mean(child.key, known)});
  }
}

}  // namespace blis
