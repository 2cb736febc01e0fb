#include "tools/study/diff/before_document.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/output/strict_json.h"
#include "tools/study/diff/paired.h"

namespace blis {
namespace {

using nlohmann::ordered_json;

// Where one of the two alone has a calibration, that is what people look for; else how their folders are
// called.
std::pair<std::string, std::string> names_of(const StoredResult& before, const StoredResult& after,
                                             const std::vector<SettingDifference>& settings) {
  const auto calibration = std::ranges::find(settings, "latency.calibration", &SettingDifference::key);
  const auto is_set = [](const std::string& value) { return !value.empty() && value != "null"; };
  if (calibration != settings.end() && is_set(calibration->a) != is_set(calibration->b)) {
    return is_set(calibration->b) ? std::pair("uncalibrated", "calibrated")
                                  : std::pair("calibrated", "uncalibrated");
  }
  const auto last_part = [](const std::string& folder) {
    return std::filesystem::path(folder + "/").parent_path().filename().string();
  };
  const std::string a = last_part(before.folder), b = last_part(after.folder);
  return a == b || a.empty() || b.empty() ? std::pair<std::string, std::string>("before", "after")
                                          : std::pair(a, b);
}

ordered_json figure(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

}  // namespace

ordered_json before_document(const StoredResult& before, const StoredResult& after,
                             const std::optional<StoredResult>& measured) {
  const std::vector<SettingDifference> settings = settings_that_differ(before, after);
  const auto [name, after_name] = names_of(before, after, settings);
  ordered_json document{{"before", name}, {"after", after_name}};
  document["settings"] = ordered_json::array();
  for (const SettingDifference& s : settings) {
    document["settings"].push_back({{"key", s.key}, {"before", s.a}, {"after", s.b}});
  }
  document["difference"] = traffic_difference(compare_traffic(before.traffic, after.traffic));
  document["figures"] = ordered_json::array();
  for (const std::string& key : before.order) {
    const auto found = after.figures.find(key);
    if (found == after.figures.end()) continue;
    document["figures"].push_back(
        {{"key", key}, {"before", figure(before.figures.at(key))}, {"after", figure(found->second)}});
  }
  document["errors"] = nullptr;
  if (measured) {
    const AgainstMeasured against = against_measured(before, after, *measured);
    document["errors"] = {{"before", figure(against.mean_a)}, {"after", figure(against.mean_b)}};
  }
  const std::string file = before.folder + "/series.json";
  const auto series = parse_strict_json<ordered_json>(read_file(file, "result"), {file});
  if (!series.is_object() || !series.contains("cdf_ms")) {
    throw InputError(ErrorKind::io, {.place = {file},
                                     .message = "is no series of a run",
                                     .expected = "a folder as `blis run -o FOLDER` leaves it"});
  }
  document["percentiles"] = series.at("cdf_ms");
  return document;
}

}  // namespace blis
