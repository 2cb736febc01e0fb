#include "workloads/session_fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/length_fit.h"

namespace blis {

std::int64_t ObservedSessions::add(const TraceRow& row) {
  if (row.wait) waits_s_.push_back(static_cast<double>(row.wait->count()) * 1e-9);
  if (row.chain == 0) {
    ++alone_;
    return row.input_tokens;
  }
  Chain& chain = chains_[row.chain];
  const std::int64_t added = std::max<std::int64_t>(1, row.input_tokens - chain.context);
  chain.context = row.input_tokens + row.output_tokens;
  ++chain.turns;
  return added;
}

SessionSpec ObservedSessions::fit(std::string& goodness) const {
  std::vector<double> turns(static_cast<std::size_t>(alone_), 1.0);
  std::int64_t longest = 0;
  for (const auto& [id, chain] : chains_) {
    turns.push_back(chain.turns);
    longest = std::max(longest, chain.context);
  }
  std::sort(turns.begin(), turns.end());  // a hash map's order is nobody's
  const LengthFit fitted = fit_length(turns);
  goodness = fmt::format(
      "sessions: {} of {} turns, off by at most {:.3f} (Kolmogorov-Smirnov), with the trace's pauses; what "
      "turns add has one distribution for first and later ones, and sessions share nothing with each other",
      turns.size(), fitted.description, fitted.distance);
  return {
      .turns = fitted.distribution, .think_time_s = quantiles_of(waits_s_), .max_context_tokens = longest};
}

}  // namespace blis
