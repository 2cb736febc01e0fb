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
#include "workloads/trace_rows.h"

namespace blis {
namespace {

struct Observed {
  std::vector<double> arrivals_s{};
  std::vector<double> input{}, output{};  // tokens
  PrefixReuse reuse;
  std::unordered_map<ContentId, std::int64_t> first_content{};  // how often prompts start with it
  bool has_sessions = false;
  std::optional<double> spread_ms{};  // over which stamps of a coarse clock were spread
  std::vector<std::string> warnings{};
};

// Adds a random time below `step_s` to each, as dither would: a clock's steps are no bursts.
void spread(std::vector<double>& times, double step_s) {
  RandomStream random = random_stream(0, "dither");
  for (double& t : times) t += step_s * unit_uniform(random);
  std::sort(times.begin(), times.end());
  const double first = times.front();
  for (double& t : times) t -= first;
}

Observed observe(const TraceSpec& given) {
  TraceSpec spec = given;
  spec.closed_loop_sessions = false;
  TraceRows rows(spec, 0);
  constexpr std::int32_t kUsualBlock = 16;
  Observed seen{.reuse =
                    PrefixReuse(rows.block_tokens() > 0 ? rows.block_tokens() : kUsualBlock, kFittedCaches)};
  Time arrival;
  while (const TraceRow* const row = rows.next(arrival)) {
    seen.arrivals_s.push_back(static_cast<double>(since_start(arrival).count()) * 1e-9);
    seen.input.push_back(static_cast<double>(row->input_tokens));
    seen.output.push_back(static_cast<double>(row->output_tokens));
    seen.reuse.add(request_of(*row, spec, arrival));
    if (!row->prompt.empty() && row->prompt.front().content != kPrivateContent) {
      ++seen.first_content[row->prompt.front().content];
    }
    seen.has_sessions |= row->session != 0;
    if (spec.limit && std::ssize(seen.input) >= *spec.limit) break;
  }
  if (seen.input.size() < 2 || seen.arrivals_s.back() <= 0) {
    fail_file({.file = given.path}, {.message = "there is too little here to fit",
                                     .expected = "at least two requests at different times"});
  }
  seen.spread_ms = rows.coarse_step_ms();
  if (seen.spread_ms) spread(seen.arrivals_s, *seen.spread_ms / 1000);
  seen.warnings = rows.warnings();
  return seen;
}

std::int64_t repeated_beginnings(const Observed& seen) {
  return std::count_if(seen.first_content.begin(), seen.first_content.end(),
                       [](const auto& entry) { return entry.second > 1; });
}

void fit_lengths(const Observed& seen, const TraceSpec& trace, const FitOptions& options, ClientSpec& client,
                 std::vector<std::string>& goodness) {
  if (options.joint_lengths) {
    client.lengths_path = trace.path;
    const bool slice = trace.limit || trace.start_s > 0 || trace.end_s;
    goodness.push_back(
        slice ? "lengths: input and output drawn together from the whole trace, not only this slice"
              : fmt::format("lengths: input and output drawn together from the {} requests of the "
                            "trace",
                            seen.input.size()));
    return;
  }
  const LengthFit input = fit_length(seen.input);
  const LengthFit output = fit_length(seen.output);
  client.input_tokens = input.distribution;
  client.output_tokens = output.distribution;
  goodness.push_back(fmt::format("input tokens: {}, off by at most {:.3f} (Kolmogorov-Smirnov)",
                                 input.description, input.distance));
  goodness.push_back(fmt::format("output tokens: {}, off by at most {:.3f} (Kolmogorov-Smirnov)",
                                 output.description, output.distance));
}

}  // namespace

WorkloadFit fit_workload(const TraceSpec& trace, const FitOptions& options) {
  check(trace);
  const Observed seen = observe(trace);
  WorkloadFit fit{.warnings = seen.warnings};
  fit.spec.num_requests = std::ssize(seen.input);
  ArrivalFit arrivals = fit_arrivals(seen.arrivals_s);
  fit.spec.arrival = arrivals.arrival;
  if (seen.spread_ms) arrivals.goodness += fmt::format("; stamps spread over {:g} ms first", *seen.spread_ms);
  fit.goodness.push_back(std::move(arrivals.goodness));
  ClientSpec client;
  fit_lengths(seen, trace, options, client, fit.goodness);
  fit.spec.clients.push_back(client);
  if (seen.reuse.infinite_cache() > 0) {
    PrefixFit prefix = fit_prefix(fit.spec, seen.input, seen.reuse, repeated_beginnings(seen));
    fit.spec.clients[0].prefix = prefix.prefix;
    fit.goodness.push_back(std::move(prefix.goodness));
  }
  if (seen.has_sessions) fit.goodness.emplace_back("sessions: their requests are imitated as separate ones");
  return fit;
}

}  // namespace blis
