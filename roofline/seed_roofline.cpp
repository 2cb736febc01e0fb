#include "roofline/seed_roofline.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "roofline/refuse.h"
#include "roofline/seed_work.h"

namespace blis {
namespace {

constexpr double kVectorShareOfPeak = 0.10;  // of 16-bit tensor peak, for non-GEMM operations
constexpr double kMicrosPerSecond = 1e6;     // in a second
constexpr double kSeconds = 1e-6;            // in a microsecond

// Half away from zero; a call of std::round costs as much as the rest of the sum.
double round_us(double us) {
  constexpr double kWhole = 0x1p52;  // from here on there are no halves
  return us < kWhole ? static_cast<double>(static_cast<std::int64_t>(us + 0.5)) : us;
}

void require(const Hardware& hardware, double value, std::string_view key, bool zero_allowed = false) {
  if (std::isfinite(value) && (value > 0 || (zero_allowed && value == 0))) return;
  refuse(ErrorKind::usage, fmt::format("GPU `{}` has no usable `{}`", hardware.name, key),
         zero_allowed ? "a finite number, 0 or above" : "a finite number above 0",
         std::isnan(value) ? "nothing" : fmt::format("{}", value));
}

// Whether the formula has all kinds of layers that there are.
bool counts_all(const LayerList& layers) {
  constexpr std::array<std::string_view, 5> kCounted{"full", "sliding", "chunked", "latent", "gated_mlp"};
  return std::ranges::all_of(layers.halves(), [&](const LayersWith& with) {
    return std::ranges::find(kCounted, with.half->kind()) != kCounted.end();
  });
}

void check(const ModelConfig& model, const Hardware& hardware, int tensor_parallel) {
  if (const LayerHalf* const experts = model.layers.find("experts")) {
    refuse(
        ErrorKind::usage,
        fmt::format(
            "latency model `roofline` cannot price `{}`: it has experts, and the seed's formula counts one "
            "dense MLP a layer",
            model.name),
        "a model without experts", experts->says(), "use latency model `calibrated`");
  }
  const seed::Shape shape = seed::shape_of(model);
  if (shape.heads == 0 || shape.ffn == 0 || !counts_all(model.layers) || model.beside.before) {
    refuse(
        ErrorKind::usage,
        fmt::format("latency model `roofline` cannot price `{}`: the seed's formula counts attention and a "
                    "gated MLP in every layer",
                    model.name),
        "a model with both", {}, "use latency model `calibrated`");
  }
  if (tensor_parallel < 1) {
    refuse(ErrorKind::usage, "tensor parallelism out of range", "1 or more",
           fmt::format("{}", tensor_parallel));
  }
  require(hardware, hardware.tflops_peak, "TFlopsPeak");
  require(hardware, hardware.bw_peak_tbs, "BwPeakTBs");
  require(hardware, hardware.bw_eff_constant, "BwEffConstant");
  require(hardware, hardware.mfu_prefill, "mfuPrefill");
  require(hardware, hardware.mfu_decode, "mfuDecode");
  require(hardware, hardware.t_overhead_micros, "TOverheadMicros", true);
  require(hardware, hardware.per_layer_overhead, "perLayerOverhead", true);
  require(hardware, hardware.all_reduce_latency, "allReduceLatency", true);
}

}  // namespace

SeedRoofline::SeedRoofline(const ModelConfig& model, const Hardware& hardware, int tensor_parallel)
    : model_(seed::shape_of(model)), tensor_parallel_(tensor_parallel) {
  check(model, hardware, tensor_parallel);
  const double share = 1.0 / tensor_parallel;
  const double peak = hardware.tflops_peak * 1e12;
  const double us_per_byte = kMicrosPerSecond / (hardware.bw_peak_tbs * 1e12 * hardware.bw_eff_constant);

  gemm_per_token_ = (seed::projection_flops(model_, 1) + seed::mlp_flops(model_, 1)).value * share;
  gemm_per_pair_ = seed::score_flops(model_, 1).value * share;
  vector_per_token_ = seed::vector_flops(model_, 0, 1).value * share;
  vector_per_pair_ = seed::vector_flops(model_, 1, 0).value * share;
  us_per_prefill_flop_ = kMicrosPerSecond / (peak * hardware.mfu_prefill);
  us_per_decode_flop_ = kMicrosPerSecond / (peak * hardware.mfu_decode);
  us_per_vector_flop_ = kMicrosPerSecond / (peak * kVectorShareOfPeak);
  weights_us_ = seed::weight_bytes(model_).value * share * us_per_byte;
  us_per_activation_token_ = seed::activation_bytes(model_, 1).value * share * us_per_byte;
  us_per_kv_token_ = seed::kv_access_bytes(model_, 1).value * share * us_per_byte;
  launch_us_ = model_.layers * hardware.per_layer_overhead + hardware.t_overhead_micros;
  all_reduce_us_ = tensor_parallel > 1 ? 2 * model_.layers * hardware.all_reduce_latency : 0;
}

SeedRoofline::PhaseTokens SeedRoofline::prefill_tokens(const StepShape& shape) {
  PhaseTokens sum;
  for (const PrefillChunk& chunk : shape.prefills) {
    const seed::RequestTokens tokens{static_cast<double>(chunk.new_tokens),
                                     static_cast<double>(chunk.context)};
    sum.new_tokens += tokens.new_tokens;
    sum.pairs += tokens.new_tokens * seed::effective_context(tokens);
    sum.context += tokens.context;
  }
  return sum;
}

// Drafts are taken as spread evenly over the sequences; without them a sequence has one new token.
SeedRoofline::PhaseTokens SeedRoofline::decode_tokens(const StepShape& shape) {
  if (shape.decodes == 0) return {};
  const auto sequences = static_cast<double>(shape.decodes);
  const auto new_tokens = static_cast<double>(shape.decode_tokens);
  const auto context = static_cast<double>(shape.decode_context);
  const double per_sequence = new_tokens / sequences;
  return {.new_tokens = new_tokens,
          .pairs = per_sequence * context + new_tokens * (per_sequence - 1) / 2,
          .context = context};
}

inline SeedRoofline::Phase SeedRoofline::phase(const PhaseTokens& t, double us_per_gemm_flop) const {
  if (t.new_tokens == 0) return {};
  const double activations_us = t.new_tokens * us_per_activation_token_;
  return {.compute_us = (t.new_tokens * gemm_per_token_ + t.pairs * gemm_per_pair_) * us_per_gemm_flop +
                        (t.new_tokens * vector_per_token_ + t.pairs * vector_per_pair_) * us_per_vector_flop_,
          .weights_us = weights_us_ + activations_us,
          .activations_us = activations_us,
          .kv_us = (t.new_tokens + t.context) * us_per_kv_token_};
}

inline StepCost SeedRoofline::cost(const Phase& prefill, const Phase& decode) const {
  double compute_us = 0, weights_us = 0, activations_us = 0, kv_us = 0;
  const auto add = [&](const Phase& p) {
    if (p.compute_us > p.memory_us()) {
      compute_us += p.compute_us;
    } else {
      weights_us += p.weights_us;
      activations_us += p.activations_us;
      kv_us += p.kv_us;
    }
  };
  add(prefill);
  add(decode);
  const double total_us = round_us(prefill.total_us() + decode.total_us() + launch_us_ + all_reduce_us_);
  // The fraction that rounding adds or removes goes to the fixed overheads, so that parts sum up.
  const double launch_us = total_us - compute_us - weights_us - kv_us - all_reduce_us_;
  StepCost cost;
  cost.total = Seconds{total_us / kMicrosPerSecond};
  cost[CostPart::compute] = Seconds{compute_us * kSeconds};
  cost[CostPart::weights] = Seconds{(weights_us - activations_us) * kSeconds};
  cost[CostPart::activations] = Seconds{activations_us * kSeconds};
  cost[CostPart::kv] = Seconds{kv_us * kSeconds};
  cost[CostPart::communication] = Seconds{all_reduce_us_ * kSeconds};
  cost[CostPart::launch] = Seconds{std::max(0.0, launch_us) * kSeconds};
  return cost;
}

StepCost SeedRoofline::step(const StepShape& shape) const {
  const Phase decode = phase(decode_tokens(shape), us_per_decode_flop_);
  if (shape.prefills.empty()) return cost({}, decode);
  return cost(phase(prefill_tokens(shape), us_per_prefill_flop_), decode);
}

StepExplanation SeedRoofline::explain(const StepShape& shape) const {
  StepExplanation out;
  auto term = [&out](std::string name, double value, const char* unit) {
    out.terms.push_back({std::move(name), value, unit});
  };
  auto explain_phase = [&](const std::string& name, const PhaseTokens& t, const Phase& p) {
    if (t.new_tokens == 0) return;
    const double weights = seed::weight_bytes(model_).value;
    const double activations = seed::activation_bytes(model_, t.new_tokens).value;
    term(name + "_new_tokens", t.new_tokens, "tokens");
    term(name + "_context", t.context, "tokens");
    term(name + "_projection_flops", seed::projection_flops(model_, t.new_tokens).value, "FLOP");
    term(name + "_score_flops", seed::score_flops(model_, t.pairs).value, "FLOP");
    term(name + "_mlp_flops", seed::mlp_flops(model_, t.new_tokens).value, "FLOP");
    term(name + "_gemm_flops", (t.new_tokens * gemm_per_token_ + t.pairs * gemm_per_pair_) * tensor_parallel_,
         "FLOP");
    term(name + "_vector_flops", seed::vector_flops(model_, t.pairs, t.new_tokens).value, "FLOP");
    term(name + "_weight_bytes", weights, "B");
    term(name + "_kv_growth_bytes", seed::kv_growth_bytes(model_, t.new_tokens).value, "B");
    term(name + "_kv_access_bytes", seed::kv_access_bytes(model_, t.context).value, "B");
    term(name + "_activation_bytes", activations, "B");
    term(name + "_compute_us", p.compute_us, "us");
    term(name + "_memory_us", p.memory_us(), "us");
    term(name + "_us", p.total_us(), "us");
  };

  const PhaseTokens prefill = prefill_tokens(shape), decode = decode_tokens(shape);
  const Phase prefill_phase = phase(prefill, us_per_prefill_flop_);
  const Phase decode_phase = phase(decode, us_per_decode_flop_);
  term("tensor_parallel", tensor_parallel_, "GPUs");
  explain_phase("prefill", prefill, prefill_phase);
  explain_phase("decode", decode, decode_phase);
  term("all_reduce_us", all_reduce_us_, "us");
  term("overhead_us", launch_us_, "us");
  out.cost = cost(prefill_phase, decode_phase);
  out.binds = fmt::format("{} is the largest part of the step", to_string(out.cost.bound()));
  return out;
}

}  // namespace blis
