// The answer of a run in a few lines: what was asked, whether the SLO is kept, and the figures that decide.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/simulate/report.h"
#include "tools/simulate/verdict.h"

namespace blis {

struct HeadlineLatency {
  std::string_view name;  // TTFT
  Stats stats;
};

struct Headline {
  std::string deployment;  // model, GPUs, engine
  std::string traffic;     // how many requests, from where, how fast, how long
  std::string unserved;    // how many were not served, and why; empty: none
  std::vector<LimitVerdict> limits;
  Verdict verdict = Verdict::none;
  std::vector<HeadlineLatency> latencies;                       // TTFT, TPOT, E2E, and what else is limited
  std::vector<std::pair<std::string_view, std::string>> rates;  // throughput, memory, cost: name and value
  std::string accuracy;  // how far all this is to be trusted, a sentence
};
Headline headline(const RunReport& report);

// "p99_ttft_ms <= 500"
std::string condition(const SloTarget& target);
// What a limit is held against: the value, and where it is known from where to where it may be in truth.
std::string held_against(const LimitVerdict& limit);

// The first screen of `blis run`, at most 80 columns wide.
std::string headline_text(const Headline& headline, bool colour);

}  // namespace blis
