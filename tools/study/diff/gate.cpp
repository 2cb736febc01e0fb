#include "tools/study/diff/gate.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "blis/error.hpp"
#include "sim/nearest_name.h"
#include "workloads/parse_number.h"

namespace blis {
Gate parse_gate(std::string_view text) {
  Gate gate;
  gate.shown = fmt::format("--fail-on {}", text);
  const std::size_t at = text.find_first_of("<>+-");
  std::string_view rest = at == std::string_view::npos ? "" : text.substr(at);
  gate.key = text.substr(0, at);
  gate.above = !rest.starts_with('<') && !rest.starts_with('-');
  if (rest.starts_with('<') || rest.starts_with('>')) rest.remove_prefix(1);
  gate.relative = rest.ends_with('%');
  if (gate.relative) rest.remove_suffix(1);
  if (rest.starts_with('+')) rest.remove_prefix(1);
  const auto limit = parse_real(rest);
  if (gate.key.empty() || !limit) {
    throw InputError(ErrorKind::usage,
                     {.place = {gate.shown},
                      .message = "this is no condition on a change",
                      .expected = "p99_ttft_ms>+5%, output_throughput<-2% or p99_ttft_ms>+20",
                      .got = std::string(text)});
  }
  gate.limit = gate.relative ? *limit / 100 : *limit;
  return gate;
}

GateResult check_gate(const Gate& gate, const StoredResult& a, const StoredResult& b) {
  const auto in_a = a.figures.find(gate.key), in_b = b.figures.find(gate.key);
  if (in_a == a.figures.end() && in_b == b.figures.end()) {
    throw InputError(
        ErrorKind::usage,
        {.place = {gate.shown},
         .message = fmt::format("the results have no figure `{}`", gate.key),
         .expected = "a key of result.json: p99_ttft_ms, output_throughput, engine.preemptions, ...",
         .got = gate.key,
         .hint = did_you_mean(gate.key, a.order)});
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const double x = in_a == a.figures.end() ? kNone : in_a->second;
  const double y = in_b == b.figures.end() ? kNone : in_b->second;
  GateResult result;
  result.change = !gate.relative ? y - x : x == y ? 0 : (y - x) / std::abs(x);
  if (std::isnan(x) && std::isnan(y)) return {0, false};  // neither has any: no change
  result.failed = gate.above ? !(result.change <= gate.limit) : !(result.change >= gate.limit);
  return result;
}

}  // namespace blis
