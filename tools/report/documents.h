// The documents that a report can be written as.
#pragma once

#include <string>

#include "blis/report.hpp"
#include "tools/simulate/report.h"

namespace blis {

// The answer, then vLLM's text block, `{:<40} {:<10.2f}` in 50 columns, then why it is so.
std::string to_text(const RunReport& report, const TextStyle& style = {});

// The answer as Markdown.
std::string to_markdown(const RunReport& report);

// result.json. `detailed` adds vLLM's lists of per-request figures. Equal runs give equal bytes.
std::string to_result_json(const RunReport& report, bool detailed);

// What `vllm bench serve --save-result` writes, with `detailed` as with --save-detailed.
std::string to_vllm_json(const RunReport& report, bool detailed);

// The flat figures as a header and one row.
std::string to_csv(const RunReport& report);

}  // namespace blis
