// Strict reading of JSON objects: every field is asked for by name and type, and what nobody asked
// for is a problem. Problems are gathered, so that a file's author sees all of them at once.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"

namespace blis::conform {

using Json = nlohmann::ordered_json;  // the order of a decision's keys is the order of the decision

// Parses a document. Throws InputError for a syntax error (with line and column) and for a key that
// an object has twice.
Json parse_json(const std::string& text, const std::string& file);

struct Bounds {
  std::int64_t min, max;
};
constexpr Bounds kCount{0, 1 << 30};
constexpr Bounds kPositive{1, 1 << 30};

// One JSON object, at `path` of `file`. A field of the wrong type or range is noted in `problems` and
// reads as its default (or zero), so reading can go on.
class VectorFields {
 public:
  VectorFields(const Json& object, std::string file, std::string path, std::vector<Problem>& problems);

  bool has(std::string_view key) const { return object_.contains(key); }

  // Without a default, the field is required.
  std::int64_t integer(std::string_view key, Bounds range, std::optional<std::int64_t> otherwise = {});
  int count(std::string_view key, Bounds range, std::optional<std::int64_t> otherwise = {}) {
    return static_cast<int>(integer(key, range, otherwise));
  }
  double number(std::string_view key, std::optional<double> otherwise = {});
  bool boolean(std::string_view key, std::optional<bool> otherwise = {});
  std::string text(std::string_view key, std::optional<std::string> otherwise = {});
  // A request's name: a string or an integer, as its decimal digits.
  std::string name(std::string_view key, std::optional<std::string> otherwise = {});
  std::vector<std::string> names(std::string_view key);
  std::vector<std::int64_t> integers(std::string_view key);
  // The index of the field's text in `words`.
  std::size_t one_of(std::string_view key, std::span<const std::string_view> words,
                     std::optional<std::size_t> otherwise = {});
  // null, as if the field were absent.
  bool is_null(std::string_view key) const { return has(key) && object_.at(key).is_null(); }

  // The field as it stands; an empty array or object if it is missing or of another type.
  const Json& array(std::string_view key, bool required = true);
  const Json& object(std::string_view key, bool required = true);
  const Json& any(std::string_view key);
  void ignore(std::initializer_list<std::string_view> keys);  // fields for people

  VectorFields inside(const Json& object, const std::string& at) const {
    return VectorFields(object, file_, path_ + at, problems_);
  }
  void problem(const std::string& at, std::string message, std::string expected = {}, std::string got = {},
               std::string hint = {});
  // Notes every field that was not asked for, but for `note`, `why` and `comment`, which are for people.
  void finish();

 private:
  const Json* find(std::string_view key, bool required);

  const Json& object_;
  std::string file_;
  std::string path_;
  std::vector<Problem>& problems_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace blis::conform
