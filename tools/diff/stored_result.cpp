#include "tools/diff/stored_result.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "scenarios/document.h"
#include "sim/input_error.h"

namespace blis {
namespace {

// Keeps the order of keys.
using Json = nlohmann::ordered_json;

[[noreturn]] void broken(const std::string& file, std::string message, std::int64_t line = 0) {
  throw InputError(ErrorKind::io, {.place = {file, line},
                                   .message = std::move(message),
                                   .hint = "a whole result comes from `blis run ... -o FOLDER`"});
}

void add_figures(const Json& object, const std::string& prefix, StoredResult& result) {
  for (const auto& [key, value] : object.items()) {
    if (!value.is_number() && !value.is_null()) continue;
    result.order.push_back(prefix + key);
    result.figures[prefix + key] =
        value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  }
}

void add_settings(const Json& value, const std::string& key, StoredResult& result) {
  if (value.is_object()) {
    for (const auto& [name, child] : value.items()) {
      add_settings(child, key.empty() ? name : key + "." + name, result);
    }
  } else if (key != "name") {
    result.settings[key] = value.dump();
  }
}

void read_figures(const std::string& file, StoredResult& result) {
  try {
    const Json json = Json::parse(read_file(file, "result"));
    if (json.value("schema", "") != "blis-result/1") broken(file, "this is no result of blis");
    add_figures(json, "", result);
    add_figures(json.at("engine"), "engine.", result);
    add_settings(json.at("scenario"), "", result);
    const Json warmup = json.at("scenario").value("warmup", Json::object());
    result.warmup.warmup_requests = warmup.value("requests", std::uint32_t{0});
    result.warmup.warmup = to_duration(Seconds(warmup.value("duration_s", 0.0)));
  } catch (const nlohmann::json::exception& error) {
    broken(file, error.what());
  }
}

// The columns that pairing needs.
enum Column { arrival, queued, scheduled, first_token, last_token, input_tokens, output_tokens, outcome };
constexpr std::array<std::string_view, 8> kColumns{"arrival_ns",     "queued_ns",     "scheduled_ns",
                                                   "first_token_ns", "last_token_ns", "input_tokens",
                                                   "output_tokens",  "outcome"};

std::vector<std::string_view> fields(std::string_view line) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    parts.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

class RequestsReader {
 public:
  RequestsReader(const std::string& file, std::string_view header) : file_(file) {
    const std::vector<std::string_view> names = fields(header);
    for (std::size_t c = 0; c < kColumns.size(); ++c) {
      const auto found = std::find(names.begin(), names.end(), kColumns[c]);
      if (found == names.end()) broken(file, fmt::format("there is no column `{}`", kColumns[c]), 1);
      at_[c] = static_cast<std::size_t>(found - names.begin());
    }
  }

  RequestRecord read(std::string_view line, std::int64_t number) {
    line_ = number;
    row_ = fields(line);
    RequestRecord r;
    r.arrival = time(arrival);
    r.queued = time(queued);
    r.scheduled = time(scheduled);
    r.first_token = time(first_token);
    r.last_token = time(last_token);
    r.input_tokens = static_cast<std::int32_t>(integer(input_tokens));
    r.output_tokens = static_cast<std::int32_t>(integer(output_tokens));
    for (int i = 0; i < kOutcomes; ++i) {
      if (to_string(static_cast<Outcome>(i)) != text(outcome)) continue;
      r.outcome = static_cast<Outcome>(i);
      return r;
    }
    broken(file_, fmt::format("`{}` is no outcome", text(outcome)), line_);
  }

 private:
  std::string_view text(Column column) const {
    const std::size_t at = at_[column];
    if (at >= row_.size()) broken(file_, "this row is cut off", line_);
    return row_[at];
  }
  std::int64_t integer(Column column) const {
    const std::string_view word = text(column);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) {
      broken(file_, fmt::format("`{}` is no whole number", word), line_);
    }
    return value;
  }
  Time time(Column column) const { return text(column).empty() ? kUnset : Time{Duration{integer(column)}}; }

  const std::string& file_;
  std::array<std::size_t, kColumns.size()> at_{};
  std::vector<std::string_view> row_;
  std::int64_t line_ = 0;
};

void read_requests(const std::string& file, StoredResult& result) {
  const std::string content = read_file(file, "requests of a result");
  std::optional<RequestsReader> reader;
  std::int64_t line = 0;
  for (std::size_t start = 0; start < content.size();) {
    const std::size_t end = std::min(content.find('\n', start), content.size());
    const std::string_view row = std::string_view(content).substr(start, end - start);
    start = end + 1;
    ++line;
    if (!reader) {
      reader.emplace(file, row);
    } else {
      result.requests.push_back(reader->read(row, line));
    }
  }
  if (!reader) broken(file, "the file is empty");
}

}  // namespace

StoredResult read_result(const std::string& folder) {
  StoredResult result;
  result.folder = folder;
  read_figures(folder + "/result.json", result);
  read_requests(folder + "/requests.csv", result);
  return result;
}

}  // namespace blis
