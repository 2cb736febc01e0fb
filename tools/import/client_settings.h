// A load generator's command as the workload of a scenario.
#pragma once

#include <string>
#include <vector>

#include "tools/import/pasted_command.h"
#include "tools/import/translation.h"

namespace blis {

struct ClientSettings {
  Translation translation;
  std::string model;  // that it asks for; empty: it does not say
  // Which figures vLLM's benchmark prints: `ttft`, `tpot`, `itl`, `e2el`; percentiles from 0 to 100.
  std::vector<std::string> metrics{"ttft", "tpot", "itl"};
  std::vector<double> percentiles{99};
};

// By the program that the command runs. Throws InputError (usage) for words that it would not take.
ClientSettings client_settings(const PastedCommand& command);

// A row of client_settings.cpp each.
ClientSettings vllm_bench_settings(const PastedCommand& command);
ClientSettings sglang_bench_settings(const PastedCommand& command);
ClientSettings guidellm_settings(const PastedCommand& command);
ClientSettings aiperf_settings(const PastedCommand& command);

}  // namespace blis
