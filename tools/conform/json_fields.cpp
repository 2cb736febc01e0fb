#include "tools/conform/json_fields.h"

#include <algorithm>
#include <cmath>

#include "sim/nearest_name.h"
#include "sim/utf8.h"
#include "tools/output/strict_json.h"

namespace blis::conform {
namespace {

const Json& empty_array() {
  static const Json value = Json::array();
  return value;
}
const Json& empty_object() {
  static const Json value = Json::object();
  return value;
}

std::string shortened(const Json& value) {
  std::string text = value.dump();
  if (text.size() > 60) text = std::string(first_bytes(text, 57)) + "...";
  return text;
}

}  // namespace

Json parse_json(const std::string& text, const std::string& file) {
  std::vector<Problem> problems;
  std::vector<std::set<std::string>> open_objects;
  const auto note_duplicates = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      problems.push_back({.place = {.file = file},
                          .message = "key `" + parsed.get<std::string>() + "` appears twice in one object"});
    }
    return true;
  };
  Json document = parse_strict_json<Json>(text, {file}, ErrorKind::usage, note_duplicates);
  if (!problems.empty()) throw InputError(ErrorKind::usage, std::move(problems));
  return document;
}

VectorFields::VectorFields(const Json& object, std::string file, std::string path,
                           std::vector<Problem>& problems)
    : object_(object.is_object() ? object : empty_object()),
      file_(std::move(file)),
      path_(std::move(path)),
      problems_(problems) {
  if (!object.is_object()) problem("", "is not an object", "an object", shortened(object));
}

void VectorFields::problem(const std::string& at, std::string message, std::string expected, std::string got,
                           std::string hint) {
  const std::string where = path_ + (at.empty() || path_.empty() ? at : "." + at);
  problems_.push_back({.place = {.file = file_},
                       .message = where + ": " + std::move(message),
                       .expected = std::move(expected),
                       .got = std::move(got),
                       .hint = std::move(hint)});
}

const Json* VectorFields::find(std::string_view key, bool required) {
  asked_.emplace(key);
  const auto found = object_.find(key);
  if (found != object_.end()) return &*found;
  if (required) problem(std::string(key), "is missing");
  return nullptr;
}

std::int64_t VectorFields::integer(std::string_view key, Bounds range,
                                   std::optional<std::int64_t> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or(range.min);
  // 64.0 is 64.
  if (const auto whole = value->is_number_float() ? value->get<double>() : 0.5;
      std::trunc(whole) == whole && whole >= static_cast<double>(range.min) &&
      whole <= static_cast<double>(range.max)) {
    return static_cast<std::int64_t>(whole);
  }
  if (value->is_number_integer()) {
    // An unsigned number beyond int64 reads as negative, which no range here admits by accident.
    const auto number = value->get<std::int64_t>();
    const bool overflows = value->is_number_unsigned() && number < 0;
    if (!overflows && number >= range.min && number <= range.max) return number;
  }
  problem(std::string(key), "is not an integer in range",
          std::to_string(range.min) + ".." + std::to_string(range.max), shortened(*value));
  return otherwise.value_or(range.min);
}

double VectorFields::number(std::string_view key, std::optional<double> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or(0);
  if (value->is_number()) return value->get<double>();
  problem(std::string(key), "is not a number", "a number", shortened(*value));
  return otherwise.value_or(0);
}

bool VectorFields::boolean(std::string_view key, std::optional<bool> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or(false);
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_number_integer() && (*value == 0 || *value == 1)) return *value == 1;
  problem(std::string(key), "is not a boolean", "true or false", shortened(*value));
  return otherwise.value_or(false);
}

std::string VectorFields::text(std::string_view key, std::optional<std::string> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or("");
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return value->dump();
  problem(std::string(key), "is not a string", "a string", shortened(*value));
  return otherwise.value_or("");
}

std::string VectorFields::name(std::string_view key, std::optional<std::string> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or("");
  if (value->is_string()) return value->get<std::string>();
  if (value->is_number_integer()) return value->dump();
  problem(std::string(key), "is not a name", "a string or an integer", shortened(*value));
  return otherwise.value_or("");
}

std::vector<std::string> VectorFields::names(std::string_view key) {
  std::vector<std::string> result;
  for (const Json& item : array(key)) {
    if (item.is_string()) {
      result.push_back(item.get<std::string>());
    } else {
      problem(std::string(key), "is not a list of strings", "strings", shortened(item));
    }
  }
  return result;
}

std::vector<std::int64_t> VectorFields::integers(std::string_view key) {
  std::vector<std::int64_t> result;
  for (const Json& item : array(key)) {
    if (item.is_number_integer()) {
      result.push_back(item.get<std::int64_t>());
    } else {
      problem(std::string(key), "is not a list of integers", "integers", shortened(item));
    }
  }
  return result;
}

std::size_t VectorFields::one_of(std::string_view key, std::span<const std::string_view> words,
                                 std::optional<std::size_t> otherwise) {
  const Json* value = find(key, !otherwise);
  if (value == nullptr) return otherwise.value_or(0);
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (value->is_string() && value->get_ref<const std::string&>() == word) return i;
    list += (i == 0 ? "" : ", ") + std::string(word);
  }
  problem(std::string(key), "is not one of its words", list, shortened(*value));
  return otherwise.value_or(0);
}

const Json& VectorFields::array(std::string_view key, bool required) {
  const Json* value = find(key, required);
  if (value == nullptr) return empty_array();
  if (value->is_array()) return *value;
  problem(std::string(key), "is not a list", "a list", shortened(*value));
  return empty_array();
}

const Json& VectorFields::object(std::string_view key, bool required) {
  const Json* value = find(key, required);
  if (value == nullptr) return empty_object();
  if (value->is_object()) return *value;
  problem(std::string(key), "is not an object", "an object", shortened(*value));
  return empty_object();
}

const Json& VectorFields::any(std::string_view key) {
  static const Json null;
  const Json* value = find(key, true);
  return value == nullptr ? null : *value;
}

void VectorFields::ignore(std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) asked_.emplace(key);
}

void VectorFields::finish() {
  for (const auto& [key, value] : object_.items()) {
    if (asked_.contains(key) || key == "note" || key == "why" || key == "comment") continue;
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    problem("", "unknown key `" + key + "`", "one of " + list, key, did_you_mean(key, known));
  }
}

}  // namespace blis::conform
