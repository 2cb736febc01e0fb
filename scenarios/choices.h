// The words that a scenario may use where it chooses among several; each list has one home, and the
// reader's messages, `--help` and `blis list` take it from there.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace blis {

// From the tables of sim and workloads.
std::span<const std::string_view> scheduling_policy_names();
std::span<const std::string_view> router_names();
std::span<const std::string_view> autoscaler_names();
std::span<const std::string_view> chunk_eviction_names();
std::span<const std::string_view> trace_format_names();  // "auto" first

// vLLM's own words.
inline constexpr std::array<std::string_view, 4> kDtypes{"auto", "bfloat16", "float16", "float32"};
inline constexpr std::array<std::string_view, 5> kKvCacheDtypes{"auto", "bfloat16", "fp8", "fp8_e4m3",
                                                                "fp8_e5m2"};
inline constexpr std::array<std::string_view, 9> kQuantizations{
    "fp8", "awq", "awq_marlin", "gptq", "gptq_marlin", "compressed-tensors", "int8", "mxfp4", "nvfp4"};
inline constexpr std::array<std::string_view, 6> kSpeculativeMethods{"eagle",       "eagle3", "mtp",
                                                                     "draft_model", "ngram",  "suffix"};
inline constexpr std::array<std::string_view, 12> kAll2AllBackends{"allgather_reducescatter",
                                                                   "naive",
                                                                   "pplx",
                                                                   "deepep_high_throughput",
                                                                   "deepep_low_latency",
                                                                   "deepep_v2",
                                                                   "mori_high_throughput",
                                                                   "mori_low_latency",
                                                                   "nixl_ep",
                                                                   "flashinfer_all2allv",
                                                                   "flashinfer_nvlink_two_sided",
                                                                   "flashinfer_nvlink_one_sided"};
inline constexpr std::array<std::string_view, 1> kSecondaryTiers{"fs"};
inline constexpr std::array<std::string_view, 2> kLoadFailurePolicies{"fail", "recompute"};
inline constexpr std::array<std::string_view, 3> kStateModes{"none", "align", "all"};  // StateMode
inline constexpr std::array<std::string_view, 2> kFreeOrders{"split", "legacy"};  // FreeOrder, in its order

// In the order of the enums they name.
inline constexpr std::array<std::string_view, 3> kOverLengths{"reject", "clip", "skip"};
inline constexpr std::array<std::string_view, 8> kDistributions{
    "constant", "uniform", "normal", "lognormal", "exponential", "zipf", "empirical", "quantiles"};
inline constexpr std::array<std::string_view, 8> kArrivalProcesses{
    "poisson", "gamma",       "weibull", "constant", "normalized_exponential",
    "at_once", "closed_loop", "servegen"};
inline constexpr std::array<std::string_view, 5> kRateCurves{"constant", "on_off", "mmpp", "piecewise",
                                                             "diurnal"};
inline constexpr std::array<std::string_view, 3> kPoolRoles{"both", "prefill",
                                                            "decode"};  // Role, in its order
inline constexpr std::array<std::string_view, 2> kLinkSharings{"fair", "fifo"};
inline constexpr std::array<std::string_view, 4> kScalingMetrics{
    "running_requests", "num_requests_running", "num_requests_waiting",
    "kv_cache_usage_perc"};  // ScalingMetric, in its order
inline constexpr std::array<std::string_view, 4> kPlannerTargets{"throughput", "latency", "load", "sla"};
inline constexpr std::array<std::string_view, 2> kPromptOrders{"cycle", "random"};

}  // namespace blis
