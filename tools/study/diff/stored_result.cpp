#include "tools/study/diff/stored_result.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/output/strict_json.h"
#include "tools/report/stored_requests.h"
#include "workloads/parse_number.h"

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
    const Json json = parse_strict_json<Json>(read_file(file, "result"), {file});
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

// Of a workload with one load generator: sessions and several clients have their own limits.
double max_concurrency(const StoredResult& result) {
  const auto limit = result.settings.find("workload.max_concurrency");
  if (limit == result.settings.end() || limit->second == "null")
    return std::numeric_limits<double>::infinity();
  return parse_real(limit->second).value_or(kNotKnown);
}

template <class Each>
StoredResult read_folder(const std::string& folder, Each each) {
  StoredResult result;
  result.folder = folder;
  read_figures(folder + "/result.json", result);
  TrafficCounter traffic;
  read_requests_csv(folder + "/requests.csv", [&](const StoredRequest& stored) {
    traffic.add(stored.record);
    each(stored.record);
  });
  result.traffic = traffic.facts();
  result.traffic.max_concurrency = max_concurrency(result);
  return result;
}

}  // namespace

StoredResult read_result_figures(const std::string& folder) {
  return read_folder(folder, [](const RequestRecord&) {});
}

StoredResult read_result(const std::string& folder) {
  std::vector<RequestRecord> requests;
  StoredResult result =
      read_folder(folder, [&](const RequestRecord& request) { requests.push_back(request); });
  result.requests = std::move(requests);
  return result;
}

}  // namespace blis
