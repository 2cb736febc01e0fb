// blis model: the card of a model, for a glance before anything is simulated with it.
#include <fmt/format.h>

#include "blis/error.hpp"
#include "scenarios/human_integer.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/card_documents.h"
#include "tools/simulate/model_answer.h"

namespace blis {
namespace {

[[noreturn]] void refuse_value(const Given& given, std::string message, std::string expected,
                               std::string hint) {
  throw InputError(ErrorKind::usage, Problem{.place = {given.shown},
                                             .message = std::move(message),
                                             .expected = std::move(expected),
                                             .got = given.value,
                                             .hint = std::move(hint)});
}

std::optional<double> kv_bytes(const Invocation& invocation) {
  constexpr double kMostGiB = 1e6;
  const Given* const given = invocation.find("kv-memory-gib");
  if (!given) return std::nullopt;
  const auto [gib, hint] = strict_number(given->value);
  if (!gib || !(*gib > 0) || *gib > kMostGiB) {
    refuse_value(*given, "this is no amount of memory", fmt::format("GiB, above 0 and up to {:g}", kMostGiB),
                 hint);
  }
  return *gib * kGiB;
}

std::vector<std::int64_t> lengths(const Invocation& invocation) {
  constexpr std::int64_t kMost = 1'000'000'000;
  std::vector<std::int64_t> result;
  for (const Given* given : invocation.all("sequence-length")) {
    const auto [length, hint] = human_readable_integer(given->value);
    if (!length || *length < 1 || *length > kMost) {
      refuse_value(*given, "this is no length of a sequence",
                   fmt::format("1 to {} tokens, as in 32768 or 32k", kMost), hint);
    }
    result.push_back(*length);
  }
  return result;
}

}  // namespace

ExitCode model_command(const Invocation& invocation) {
  const bool json = json_wanted(invocation);
  const ModelAnswer found = model_answer(invocation.arguments[0], overrides_of(invocation),
                                         kv_bytes(invocation), lengths(invocation), catalog_of(invocation));
  if (json) {
    write_to_stdout(card_json(found.card, found.memory, found.warnings));
  } else {
    show(card_text(found.card, found.memory));
  }
  if (!invocation.has("quiet")) say_warnings(found.warnings);
  return ExitCode::ok;
}

}  // namespace blis
