// blis model: the card of a model, for a glance before anything is simulated with it.
#include <fmt/format.h>

#include <filesystem>

#include "blis/error.hpp"
#include "scenarios/build.h"
#include "scenarios/human_integer.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/card_documents.h"
#include "tools/simulate/no_workload.h"

namespace blis {
namespace {

// vLLM's defaults go by the GPU; without one, those of this.
constexpr const char* kStandIn = "H100";

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

// The folder of a path, or the last part of an id.
std::string name_of(const std::string& model) {
  const std::filesystem::path path(model);
  return (path.extension() == ".json" && path.has_parent_path() ? path.parent_path() : path)
      .filename()
      .string();
}

struct Answer {
  ModelCard card;
  std::optional<EngineMemory> memory;
  std::vector<std::string> warnings;
};

Answer answer(const Invocation& invocation) {
  const std::optional<double> given_bytes = kv_bytes(invocation);
  const std::vector<std::int64_t> sequence_lengths = lengths(invocation);
  const std::string& model = invocation.arguments[0];
  std::vector<Override> overrides{{"model", model, model}};
  if (!invocation.has("gpu")) overrides.push_back({"hardware.gpu", kStandIn, "blis model"});
  for (Override& override : overrides_of(invocation)) overrides.push_back(std::move(override));
  const ScenarioSettings scenario = parse_settings(kNoWorkload, "model", "", overrides);
  try {
    const ResolvedScenario resolved = resolve(scenario, catalog_of(invocation), Fit::reported);
    Answer answer{.card = model_card(resolved.model), .memory = {}, .warnings = {}};
    if (invocation.has("gpu") || given_bytes) {
      answer.memory = engine_memory(resolved, given_bytes, sequence_lengths);
      if (invocation.has("gpu")) answer.warnings = resolved.warnings;  // otherwise they are of the stand-in
    }
    return answer;
  } catch (const InputError& error) {
    if (error.kind() != ErrorKind::not_modelled) throw;
    std::vector<std::string> parts;
    for (const Problem& problem : error.problems()) parts.push_back(problem.message);
    return {.card = unreadable_card(name_of(model), std::move(parts)), .memory = {}, .warnings = {}};
  }
}

}  // namespace

ExitCode model_command(const Invocation& invocation) {
  const bool json = json_wanted(invocation);
  const Answer found = answer(invocation);
  if (json) {
    write_to_stdout(card_json(found.card, found.memory, found.warnings));
  } else {
    show(card_text(found.card, found.memory));
  }
  if (!invocation.has("quiet")) say_warnings(found.warnings);
  return ExitCode::ok;
}

}  // namespace blis
