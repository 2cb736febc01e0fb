#include "tools/study/diff/measured_document.h"

#include <cmath>
#include <filesystem>
#include <optional>

#include "tools/report/series.h"

namespace blis {
namespace {

using nlohmann::ordered_json;

ordered_json number(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

std::optional<Duration> tpot_of(const RequestRecord& r) {
  if (r.output_tokens < 2) return std::nullopt;
  return tpot(r.last_token - r.first_token, r.output_tokens);
}

// A limit that there is not is infinite.
ordered_json sent(double value) {
  return std::isinf(value) ? ordered_json("none") : number(value);
}

ordered_json traffic_document(const std::vector<TrafficRow>& rows) {
  ordered_json facts = ordered_json::array();
  for (const TrafficRow& row : rows) {
    facts.push_back({{"name", row.name}, {"predicted", sent(row.a)}, {"measured", sent(row.b)}});
  }
  return {{"difference", traffic_difference(rows)}, {"facts", std::move(facts)}};
}

template <class TimeOf>
ordered_json distribution(const StoredResult& measured, TimeOf time_of) {
  LargeVector<Weighted> samples;
  for (const RequestRecord& r : measured.requests) {
    if (!has_full_answer(r)) continue;
    if (const std::optional<Duration> time = time_of(r)) samples.push_back({time->count(), 1});
  }
  ordered_json points = ordered_json::array();
  for (const auto& [percentile, ms] : cdf_of(std::move(samples))) points.push_back({percentile, ms});
  return points;
}

}  // namespace

ordered_json measured_document(const StoredResult& predicted, const StoredResult& measured) {
  ordered_json document;
  document["name"] = std::filesystem::path(measured.folder).filename().string();
  document["requests"] = measured.requests.size();
  document["notes"] = measured.notes;
  if (predicted.warmup.warmup_requests > 0 || predicted.warmup.warmup > Duration{0}) {
    document["notes"].push_back("The prediction leaves its warm-up out, the measurement has all requests");
  }
  document["traffic"] = traffic_document(compare_traffic(predicted.traffic, measured.traffic));
  ordered_json figures = ordered_json::array();
  for (const std::string& key : measured.order) {
    const auto value = predicted.figures.find(key);
    if (value == predicted.figures.end()) continue;
    figures.push_back(
        {{"key", key}, {"predicted", number(value->second)}, {"measured", number(measured.figures.at(key))}});
  }
  document["figures"] = std::move(figures);
  document["percentiles"] = {
      {"ttft", distribution(measured, [](const RequestRecord& r) { return std::optional(ttft(r)); })},
      {"tpot", distribution(measured, tpot_of)},
      {"e2el", distribution(measured, [](const RequestRecord& r) { return std::optional(e2el(r)); })}};
  return document;
}

}  // namespace blis
