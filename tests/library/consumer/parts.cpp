// A latency model, a source of requests and a router of one's own, as docs/library.md has them.
#include <algorithm>
#include <blis/blis.hpp>
#include <cstdio>

namespace {

const blis::Setting settings[] = {{"replicas", "2"}};
const blis::Scenario scenario = blis::read_scenario("chat.yaml", settings);

#include PARTS

}  // namespace

int main() {
  const double ttft = report.figure("median_ttft_ms").value(), tpot = report.figure("median_tpot_ms").value();
  std::printf("%g requests, TTFT %g ms, TPOT %g ms\n", report.figure("completed").value(), ttft, tpot);
  for (const std::string& warning : report.warnings()) std::puts(warning.c_str());
  // 4 ms a step, and 900 tokens at 20 us each: what the functions say, and no model of blis.
  return report.figure("completed") == 1000 && tpot > 4 && tpot < 12 && ttft > 22 && ttft < 60 ? 0 : 1;
}
