#include "tools/simulate/attribution_json.h"

namespace blis {
namespace {

void write_mean_parts(JsonWriter& json, const AttributionSummary::Mean& mean) {
  json.member("requests", mean.requests);
  json.key("mean_ms").begin_object();
  for (const Part part : kAllParts) {
    const double ms = mean.ms[static_cast<std::size_t>(part)];
    if (!is_rare(part) || ms != 0) json.member(to_string(part), ms);
  }
  json.end_object();
}

}  // namespace

void write_attribution(JsonWriter& json, const AttributionSummary& summary) {
  json.begin_object();
  write_mean_parts(json, summary.all);
  json.key("tail").begin_object();
  json.member("from_e2el_ms", summary.tail_from_ms);
  write_mean_parts(json, summary.tail);
  json.end_object();
  json.end_object();
}

}  // namespace blis
