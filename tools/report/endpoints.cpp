#include "tools/report/endpoints.h"

#include <algorithm>

#include "sim/metrics.h"

namespace blis {

bool has_endpoints(const RunResult& run) {
  return std::ranges::any_of(run.engines, [](const EngineResult& engine) { return engine.endpoints > 1; });
}

std::vector<EndpointFigures> endpoint_figures(const RunReport& report) {
  const std::vector<EngineResult>& engines = report.run.engines;
  std::vector<EndpointFigures> all;
  std::vector<std::size_t> first;  // of a replica, in `all`
  for (std::size_t replica = 0; replica < engines.size(); ++replica) {
    first.push_back(all.size());
    const EngineResult& engine = engines[replica];
    for (int endpoint = 0; engine.endpoints > 1 && endpoint < engine.endpoints; ++endpoint) {
      all.push_back({.pool = replica < report.pools.size() ? report.pools[replica] : "",
                     .replica = static_cast<EngineIndex>(replica),
                     .rank = static_cast<RankIndex>(endpoint * engine.ranks_per_endpoint()),
                     .ranks = engine.ranks_per_endpoint()});
    }
  }
  if (all.empty()) return all;
  const auto count = [&](const RequestRecord& r) {
    if (r.queued == kUnset || engines[r.replica].endpoints == 1) return;
    const int endpoint = r.rank / engines[r.replica].ranks_per_endpoint();
    EndpointFigures& figures = all[first[r.replica] + static_cast<std::size_t>(endpoint)];
    ++figures.requests;
    if (!has_full_answer(r)) return;
    ++figures.completed;
    figures.total_input_tokens += r.input_tokens;
    figures.total_output_tokens += r.output_tokens;
    figures.total_hit_tokens += r.hit_tokens;
  };
  PastWarmup past(report.options());
  for (const RequestRecord& r : report.run.requests) {
    if (past(r)) count(r);
  }
  const RequestIndex measured = first_measured(report.run, report.options());
  const FurtherLegs& legs = report.run.legs;
  for (std::size_t leg = 0; leg < legs.records.size(); ++leg) {
    if (legs.requests[leg] >= measured) count(legs.records[leg]);
  }
  return all;
}

void write_endpoints(JsonWriter& json, const RunReport& report) {
  const std::vector<EndpointFigures> all = endpoint_figures(report);
  if (all.empty()) return;
  json.key("endpoints").begin_list();
  for (const EndpointFigures& endpoint : all) {
    json.begin_object();
    if (!endpoint.pool.empty()) json.member("pool", std::string_view(endpoint.pool));
    json.member("replica", std::int64_t{endpoint.replica}).member("rank", std::int64_t{endpoint.rank});
    if (endpoint.ranks > 1) json.member("ranks", std::int64_t{endpoint.ranks});
    json.member("requests", endpoint.requests).member("completed", endpoint.completed);
    json.member("total_input_tokens", endpoint.total_input_tokens);
    json.member("total_output_tokens", endpoint.total_output_tokens);
    json.member("total_hit_tokens", endpoint.total_hit_tokens).end_object();
  }
  json.end_list();
}

}  // namespace blis
