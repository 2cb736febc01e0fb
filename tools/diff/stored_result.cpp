#include "tools/diff/stored_result.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "scenarios/document.h"
#include "sim/input_error.h"
#include "workloads/csv_rows.h"

namespace blis {
namespace {

// Keeps the order of keys.
using Json = nlohmann::ordered_json;

[[noreturn]] void broken(const std::string& file, std::string message) {
  throw InputError(ErrorKind::io, {.place = {file},
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
struct Columns {
  explicit Columns(const CsvRows& rows)
      : arrival(rows.column("arrival_ns")),
        queued(rows.column("queued_ns")),
        scheduled(rows.column("scheduled_ns")),
        first_token(rows.column("first_token_ns")),
        last_token(rows.column("last_token_ns")),
        input(rows.column("input_tokens")),
        output(rows.column("output_tokens")),
        outcome(rows.column("outcome")) {}
  std::size_t arrival, queued, scheduled, first_token, last_token, input, output, outcome;
};

RequestRecord read_row(const CsvRows& rows, const Columns& at) {
  constexpr IntegerRange kNanoseconds{0, std::int64_t{1} << 62};
  const auto time = [&](std::size_t column) {
    return rows.text(column).empty() ? kUnset : Time{Duration{rows.integer(column, kNanoseconds)}};
  };
  RequestRecord r;
  r.arrival = time(at.arrival);
  r.queued = time(at.queued);
  r.scheduled = time(at.scheduled);
  r.first_token = time(at.first_token);
  r.last_token = time(at.last_token);
  r.input_tokens = static_cast<std::int32_t>(rows.integer(at.input, kTokensOrNone));
  r.output_tokens = static_cast<std::int32_t>(rows.integer(at.output, kTokensOrNone));
  for (int i = 0; i < kOutcomes; ++i) {
    r.outcome = static_cast<Outcome>(i);
    if (to_string(r.outcome) == rows.text(at.outcome)) return r;
  }
  rows.reject(at.outcome, "this is no outcome of a request", "completed, length_capped, too_long, ...");
}

void read_requests(const std::string& file, StoredResult& result) {
  CsvRows rows{LineReader(file)};
  const Columns columns(rows);
  while (rows.next()) result.requests.push_back(read_row(rows, columns));
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
