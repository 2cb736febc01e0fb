#include "tools/simulate/traffic_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/utf8.h"
#include "tools/output/text_chart.h"

namespace blis {
namespace {

// " of chat.csv" for a trace; its own words for what is generated.
std::string origin(const WorkloadSpec& workload) {
  if (const auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
    const std::string name = std::filesystem::path(trace->path).filename().string();
    return " of " + (name == "-" || name.empty() ? std::string("a trace") : printable(name));
  }
  const auto& synthetic = std::get<SyntheticSpec>(workload.kind);
  std::string text = " generated";
  if (synthetic.clients.size() > 1) text += fmt::format(" by {} clients", synthetic.clients.size());
  const auto in_sessions = [](const ClientSpec& client) { return client.session.has_value(); };
  if (std::ranges::any_of(synthetic.clients, in_sessions)) text += " in sessions";
  return text;
}

}  // namespace

std::string traffic_line(const WorkloadSpec& workload, const SentTraffic& sent) {
  if (sent.requests == 0) return "no requests";
  std::string text = fmt::format("{} request{}{}", with_separators(sent.requests),
                                 sent.requests == 1 ? "" : "s", origin(workload));
  if (sent.offered_rate > 0 && std::isfinite(sent.offered_rate)) {
    text += fmt::format(", offered at {}/s", rounded(sent.offered_rate));
  }
  const auto limit = std::visit([](const auto& spec) { return spec.max_concurrency; }, workload.kind);
  if (limit) text += fmt::format(", at most {} at once", *limit);
  if (sent.answered == 0) return text;
  const auto mean = [&](double tokens) { return rounded(tokens / static_cast<double>(sent.answered)); };
  return text + fmt::format("; mean {} tokens in, {} out", mean(sent.input_tokens), mean(sent.output_tokens));
}

}  // namespace blis
