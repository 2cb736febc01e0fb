// The documents that a report can be written as.
#pragma once

#include <string>

#include "blis/report.hpp"
#include "tools/simulate/report.h"

namespace blis {

// vLLM's text block, `{:<40} {:<10.2f}` in 50 columns; charts come after the engine's figures.
std::string to_text(const RunReport& report, const TextStyle& style = {});

// result.json. `detailed` adds vLLM's lists of per-request figures. Equal runs give equal bytes.
std::string to_result_json(const RunReport& report, bool detailed);

// What `vllm bench serve --save-result` writes, with `detailed` as with --save-detailed.
std::string to_vllm_json(const RunReport& report, bool detailed);

// The flat figures as a header and one row.
std::string to_csv(const RunReport& report);

}  // namespace blis
