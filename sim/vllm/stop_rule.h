// When a request is done: vLLM's order of checks after each token.
#pragma once

#include <cstdint>
#include <optional>

namespace blis {

enum class StopReason : std::uint8_t { stop, length };

struct StopCheck {
  std::int64_t outputs = 0;     // generated tokens, this one included
  std::int64_t num_tokens = 0;  // prompt and outputs
  std::int64_t max_tokens = 0;
  std::int64_t max_model_len = 0;
  std::int64_t min_tokens = 0;  // nothing stops before
  bool stop_token = false;      // this one is an EOS that counts, or one of the stop tokens
};

constexpr std::optional<StopReason> stop_reason(const StopCheck& check) {
  if (check.outputs < check.min_tokens) return std::nullopt;
  if (check.stop_token) return StopReason::stop;
  if (check.num_tokens >= check.max_model_len || check.outputs >= check.max_tokens) return StopReason::length;
  return std::nullopt;
}

}  // namespace blis
