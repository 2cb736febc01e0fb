// blis step: one batch, priced and explained.
#include <fmt/format.h>

#include <charconv>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/step_documents.h"

namespace blis {
namespace {

struct CountAtContext {
  std::int64_t count, context;
};

// "512@0". A context may be left out: 0.
CountAtContext parse_count_at_context(const Given& given) {
  const auto number = [&](std::string_view text, std::int64_t least) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > kMostInBatch) {
      throw InputError(
          ErrorKind::usage,
          Problem{.place = {given.shown},
                  .message = "this is no part of a batch",
                  .expected = fmt::format("N@C, N from 1 and C from 0, both up to {}", kMostInBatch),
                  .got = given.value});
    }
    return value;
  };
  const std::string_view text = given.value;
  const std::size_t at = text.find('@');
  return {number(text.substr(0, at), 1), at == std::string_view::npos ? 0 : number(text.substr(at + 1), 0)};
}

// In the order in which they are priced: what is computed of prompts first.
std::vector<BatchPart> batch_of(const Invocation& invocation) {
  std::vector<BatchPart> batch;
  for (const Given* given : invocation.all("prefill")) {
    const auto [tokens, context] = parse_count_at_context(*given);
    batch.push_back({given->shown, /*prefill=*/true, /*sequences=*/1, tokens, context});
  }
  for (const Given* given : invocation.all("decode")) {
    const auto [sequences, context] = parse_count_at_context(*given);
    batch.push_back({given->shown, /*prefill=*/false, sequences, /*tokens=*/1, context});
  }
  return batch;
}

}  // namespace

ExitCode step_command(const Invocation& invocation) {
  const auto write = json_wanted(invocation) ? step_json : step_text;
  const std::vector<Override> overrides = overrides_of(invocation);
  require_keys(invocation, overrides, {"model", "hardware.gpu"});
  const PricedStep step = price_step(overrides, batch_of(invocation), catalog_of(invocation));
  write_to_stdout(write(step));
  if (!invocation.has("quiet")) say_warnings(step.warnings);
  return ExitCode::ok;
}

}  // namespace blis
