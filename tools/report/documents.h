// The documents that a report can be written as.
#pragma once

#include <cstddef>
#include <string>

#include "tools/simulate/report.h"

namespace blis {

// What text for people may have beyond plain columns.
struct TextStyle {
  bool colour = false;
  std::size_t chart_width = 0;  // of charts over time, in columns; 0: none
};

// vLLM's text block, `{:<40} {:<10.2f}` in 50 columns; charts come after the engine's figures.
std::string to_text(const Report& report, const TextStyle& style = {});

// result.json. `detailed` adds vLLM's lists of per-request figures. Equal runs give equal bytes.
std::string to_result_json(const Report& report, bool detailed);

// What `vllm bench serve --save-result` writes, with `detailed` as with --save-detailed.
std::string to_vllm_json(const Report& report, bool detailed);

// The flat figures as a header and one row.
std::string to_csv(const Report& report);

}  // namespace blis
