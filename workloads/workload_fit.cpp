#include "workloads/workload_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "workloads/arrival_fit.h"
#include "workloads/bad_row.h"
#include "workloads/check_spec.h"
#include "workloads/length_fit.h"
#include "workloads/prefix_fit.h"
#include "workloads/prefix_reuse.h"
#include "workloads/random.h"
#include "workloads/session_fit.h"
#include "workloads/trace_rows.h"

namespace blis {
namespace {

struct Observed {
  std::vector<double> arrivals_s{};  // of rows that wait for no other
  std::vector<double> added{};       // tokens of each prompt beyond what was said before in its session
  std::vector<double> output{};      // tokens
  PrefixReuse reuse;
  std::unordered_map<ContentId, std::int64_t> first_content{};  // how often prompts start with it
  ObservedSessions sessions{};
  bool names_sessions = false;
  bool sorted = false;
  std::optional<double> spread_ms{};  // over which stamps of a coarse clock were spread
  std::vector<std::string> warnings{};

  void add(const TraceRow& row, const TraceSpec& spec, Time arrival) {
    added.push_back(static_cast<double>(sessions.add(row)));
    output.push_back(static_cast<double>(row.output_tokens));
    reuse.add(request_of(row, spec, arrival));
    if (!row.prompt.empty() && row.prompt.front().content != kPrivateContent) {
      ++first_content[row.prompt.front().content];
    }
    names_sessions |= row.session != 0;
  }
};

// Adds a random time below `step_s` to each, as dither would: a clock's steps are no bursts.
void spread(std::vector<double>& times, double step_s) {
  RandomStream random = random_stream(0, "dither");
  for (double& t : times) t += step_s * unit_uniform(random);
  std::sort(times.begin(), times.end());
  const double first = times.front();
  for (double& t : times) t -= first;
}

Observed observe(const TraceSpec& spec) {
  TraceRows rows(spec, 0);
  constexpr std::int32_t kUsualBlock = 16;
  Observed seen{.reuse =
                    PrefixReuse(rows.block_tokens() > 0 ? rows.block_tokens() : kUsualBlock, kFittedCaches)};
  const auto full = [&] { return spec.limit && std::ssize(seen.added) >= *spec.limit; };
  Time arrival;
  while (const TraceRow* const row = full() ? nullptr : rows.next(arrival)) {
    for (const TraceRow& later : rows.take_follow_ups()) seen.add(later, spec, arrival);
    seen.arrivals_s.push_back(static_cast<double>(since_start(arrival).count()) * 1e-9);
    seen.add(*row, spec, arrival);
  }
  for (const TraceRow& later : rows.take_follow_ups()) seen.add(later, spec, arrival);
  if (seen.arrivals_s.size() < 2 || seen.arrivals_s.back() <= 0) {
    fail_file({.file = spec.path}, {.message = "there is too little here to fit",
                                    .expected = "at least two requests at different times"});
  }
  seen.sorted = rows.sorts();
  seen.spread_ms = rows.coarse_step_ms();
  if (seen.spread_ms) spread(seen.arrivals_s, *seen.spread_ms / 1000);
  seen.warnings = rows.warnings();
  return seen;
}

std::int64_t repeated_beginnings(const Observed& seen) {
  return std::count_if(seen.first_content.begin(), seen.first_content.end(),
                       [](const auto& entry) { return entry.second > 1; });
}

// The trace's own rows.
TraceSpec rows_of(const Observed& seen, const TraceSpec& trace, const ArrivalSpec& arrival,
                  std::vector<std::string>& goodness) {
  goodness.push_back(fmt::format("lengths and prompts: those of the trace's {} requests, in their order",
                                 seen.added.size()));
  if (seen.sessions.any())
    goodness.push_back(
        fmt::format("sessions: {} begin so, their later requests wait for answers as in the trace",
                    seen.arrivals_s.size()));
  TraceSpec spec = trace;
  spec.sort = seen.sorted;
  spec.dither_ms = 0;
  spec.arrival = arrival;
  return spec;
}

SyntheticSpec formulas(const Observed& seen, const ArrivalSpec& arrival, std::vector<std::string>& goodness) {
  SyntheticSpec spec{.num_requests = std::ssize(seen.added), .arrival = arrival, .clients = {ClientSpec{}}};
  ClientSpec& client = spec.clients.front();
  const auto length = [&](const char* what, const std::vector<double>& lengths) {
    const LengthFit fit = fit_length(lengths);
    goodness.push_back(fmt::format("{}: {}, off by at most {:.3f} (Kolmogorov-Smirnov)", what,
                                   fit.description, fit.distance));
    return fit.distribution;
  };
  client.input_tokens = length(seen.sessions.any() ? "tokens that a turn adds" : "input tokens", seen.added);
  client.output_tokens = length("output tokens", seen.output);
  if (seen.sessions.any()) {
    client.session = seen.sessions.fit(goodness.emplace_back());
    return spec;
  }
  if (seen.reuse.infinite_cache() > 0) {
    PrefixFit prefix = fit_prefix(spec, seen.added, seen.reuse, repeated_beginnings(seen));
    client.prefix = prefix.prefix;
    goodness.push_back(std::move(prefix.goodness));
  }
  if (seen.names_sessions) goodness.emplace_back("sessions: their requests are imitated as separate ones");
  return spec;
}

}  // namespace

WorkloadFit fit_workload(const TraceSpec& trace, const FitOptions& options) {
  check(trace);
  const Observed seen = observe(trace);
  WorkloadFit fit{.original = {.kind = trace}, .warnings = seen.warnings};
  if (seen.spread_ms) std::get<TraceSpec>(fit.original.kind).dither_ms = *seen.spread_ms;
  ArrivalFit arrivals =
      trace.arrival ? ArrivalFit{.arrival = *trace.arrival, .goodness = "arrivals: as they were asked for"}
                    : fit_arrivals(seen.arrivals_s, seen.spread_ms.value_or(0) / 1000);
  if (seen.spread_ms) arrivals.goodness += fmt::format("; stamps spread over {:g} ms first", *seen.spread_ms);
  fit.goodness.push_back(std::move(arrivals.goodness));
  if (options.parametric) {
    fit.workload.kind = formulas(seen, arrivals.arrival, fit.goodness);
  } else {
    fit.workload.kind = rows_of(seen, trace, arrivals.arrival, fit.goodness);
  }
  return fit;
}

}  // namespace blis
