// Strict, typed reading of one map of a document. Every key must be asked for; every mistake is kept with
// its place, and DocumentReader throws them all at once.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.h"

namespace blis {

// Legal values: low <= x <= high, or low < x <= high.
template <class T>
struct Range {
  T low = std::numeric_limits<T>::lowest();
  T high = std::numeric_limits<T>::max();
  bool low_open = false;

  constexpr bool contains(T x) const { return (low_open ? x > low : x >= low) && x <= high; }
};
constexpr Range<double> kPositive{.low = 0, .low_open = true};
constexpr Range<double> kNotNegative{.low = 0};
constexpr Range<double> kShare{.low = 0, .high = 1};                            // [0, 1]
constexpr Range<double> kPositiveShare{.low = 0, .high = 1, .low_open = true};  // (0, 1]
constexpr Range<std::int64_t> kCount{.low = 1, .high = 1'000'000'000};

// "an integer from 1 to 64", "a number above 0".
std::string describe(Range<std::int64_t> range);
std::string describe(Range<double> range);

class DocumentReader;

struct Unasked {
  std::string path;
  const Node* node = nullptr;
  Place place;  // of the key
};

// A cheap handle: valid as long as its DocumentReader. Copies share what has been asked for.
//
// The getters below record a problem and return the fallback (or a zero) if the value is missing, of the
// wrong type or out of range. Without a `fallback` the key is required. A key's value may be null only
// for the `maybe_` getters, which answer nothing for it, as they do for an absent key.
class Section {
 public:
  std::int64_t integer(std::string_view key, Range<std::int64_t> range,
                       std::optional<std::int64_t> fallback = std::nullopt);
  double number(std::string_view key, Range<double> range, std::optional<double> fallback = std::nullopt);
  bool boolean(std::string_view key, std::optional<bool> fallback = std::nullopt);
  std::string text(std::string_view key, std::optional<std::string> fallback = std::nullopt);  // not empty
  // Index into `names`.
  std::size_t choice(std::string_view key, std::span<const std::string> names,
                     std::optional<std::size_t> fallback = std::nullopt);

  std::optional<std::int64_t> maybe_integer(std::string_view key, Range<std::int64_t> range);
  std::optional<double> maybe_number(std::string_view key, Range<double> range);
  std::optional<bool> maybe_boolean(std::string_view key);
  std::optional<std::string> maybe_text(std::string_view key);

  // Lists; empty if the key is absent or (but for `sections`) null.
  std::vector<double> numbers(std::string_view key, Range<double> range);
  std::vector<std::string> texts(std::string_view key);
  std::vector<Section> sections(std::string_view key);

  // A map within. Nothing if absent or null.
  std::optional<Section> section(std::string_view key);
  // The same, required.
  std::optional<Section> required_section(std::string_view key);

  // Whether the key is there, null or not. Does not count as asking for it.
  bool has(std::string_view key) const { return node_->find(key) != nullptr; }
  // Whether it is there and not null.
  bool given(std::string_view key) const;
  // The node itself, for what the getters cannot say. Counts as asking. nullptr if absent.
  const Node* node(std::string_view key);
  // The keys, in the order of the file.
  std::vector<std::string> keys() const;

  // Where the value of the key was written: the key itself for a section or list, this section if the key
  // is absent.
  Place place(std::string_view key) const;
  Place place() const;
  // The dotted name of a key, from the top of the document: `engine.block_size`.
  std::string path(std::string_view key) const;

  // The problem with `key`'s place and value filled in where it has none.
  Problem placed(std::string_view key, Problem problem) const;
  // Records a mistake in the value of `key`. `got` defaults to the value as written.
  void problem(std::string_view key, Problem problem);
  // The same of what is right and not modelled.
  void not_modelled(std::string_view key, Problem problem);

  // Whether `read`, given this section, found no problem.
  template <class Read>
  bool ok_after(Read read);

  // Keys that nobody asks for are somebody else's: a Hugging Face config has many.
  void allow_other_keys();
  // Keys that nobody asked for, here and in the maps within that were read, by their dotted path.
  std::vector<Unasked> unasked() const;
  // A key that nobody asked for is a problem. Call it last.
  void finish();

 private:
  friend class DocumentReader;
  Section(DocumentReader& reader, const Node& node, std::string path);

  const Node* ask(std::string_view key);
  // The scalar under `key`; if there is none, nullptr with the problem recorded where `required`, or
  // where something else than a scalar is there.
  const Node* ask_scalar(std::string_view key, const std::string& expected, bool required, bool null_allowed);
  void wrong(const Node& node, std::string_view key, const std::string& expected, std::string hint);
  template <class T>
  std::optional<T> ranged(std::string_view key, Range<T> range, bool required, bool null_allowed);
  std::optional<double> ranged_item(const Node& item, std::string_view key, Range<double> range);

  DocumentReader* reader_;
  const Node* node_;
  std::string path_;        // empty at the top
  std::size_t memory_ = 0;  // index of this node's Asked in the reader
};

// Owns a document while it is read, and the problems found.
class DocumentReader {
 public:
  // `noun` is what the file should be, for messages: "scenario".
  DocumentReader(Document document, std::string noun);
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  // The document's top. Throws at once (usage) if it is empty or no map: nothing else could be said.
  Section root();

  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  void add_not_modelled(Problem problem) {
    ++not_modelled_;
    add(std::move(problem));
  }
  bool ok() const { return problems_.empty(); }
  const std::string& file() const { return document_.sources.front(); }
  // Throws an InputError with all problems, in the order of the file, if there are any: not_modelled if
  // nothing is wrong with any of them else, usage otherwise.
  void check();

 private:
  friend class Section;
  struct Asked {
    const Node* node;
    std::vector<std::string> keys;  // asked for, in order: what a misspelt key is compared with
    bool others_allowed = false;
  };

  const Document document_;  // sections point into it
  std::string noun_;
  std::vector<Problem> problems_;
  std::size_t not_modelled_ = 0;  // of them
  std::vector<Asked> asked_;
};

template <class Read>
bool Section::ok_after(Read read) {
  const std::size_t before = reader_->problems_.size();
  read(*this);
  return reader_->problems_.size() == before;
}

}  // namespace blis
