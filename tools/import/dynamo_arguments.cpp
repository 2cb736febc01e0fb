// What `python -m dynamo.vllm` takes beside vLLM's arguments. Source: Dynamo's documentation of its vLLM
// backend, 0.4 to 0.7.
#include <array>
#include <vector>

#include "tools/import/argument.h"

namespace blis {
namespace {

using enum Reads;

constexpr std::array kDynamoArguments{
    lacks("disaggregation-mode", "", text, "agg|aggregated", "prefill apart from decode"),
    lacks("is-prefill-worker", "", flag, "", "prefill apart from decode"),
    lacks("is-decode-worker", "", flag, "", "prefill apart from decode"),
    lacks("connector", "", list, "none|null", "connectors: offloading, prefill apart from decode"),
    lacks("multimodal-worker", "", flag, "", "images"),
    lacks("multimodal-encode-worker", "", flag, "", "images"),
    idle("store-kv", "", text, "how parts find each other"),
    idle("discovery-backend", "", text, "how parts find each other"),
    idle("request-plane", "", text, "how parts find each other"),
    idle("event-plane", "", text, "how parts find each other"),
    idle("endpoint", "", text, "how parts find each other"),
    idle("dyn-tool-call-parser", "", text, "parses answers with tools or thoughts"),
    idle("dyn-reasoning-parser", "", text, "parses answers with tools or thoughts"),
    idle("dyn-enable-structural-tag", "", boolean, "parses answers with tools or thoughts"),
    idle("namespace", "", text, "how parts find each other"),
    idle("custom-jinja-template", "", text, "text; lengths are the workload's"),
    idle("migration-limit", "", integer, "failures"),
    idle("fpm-trace", "", flag, "metrics"),
};

}  // namespace

Arguments dynamo_arguments() {
  static const std::vector<Argument> all = [] {
    std::vector<Argument> rows(serve_arguments().begin(), serve_arguments().end());
    rows.insert(rows.end(), kDynamoArguments.begin(), kDynamoArguments.end());
    return rows;
  }();
  return all;
}

}  // namespace blis
