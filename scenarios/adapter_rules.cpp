#include "scenarios/adapter_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "sim/nearest_name.h"

namespace blis {
namespace {

// Source: MaxLoRARanks of vllm/config/lora.py.
constexpr std::array kRanks{1, 8, 16, 32, 64, 128, 256, 320, 512};

const SyntheticSpec* clients_of(const ScenarioSettings& scenario) {
  return std::get_if<SyntheticSpec>(&scenario.workload.spec.kind);
}

std::string client_key(const SyntheticSpec& spec, std::size_t i, std::string_view name) {
  const bool one_unnamed = spec.clients.size() == 1 && spec.clients[0].name.empty();
  return one_unnamed ? fmt::format("workload.{}", name) : fmt::format("workload.clients.{}.{}", i, name);
}

void check_names(const ScenarioSettings& s, const SyntheticSpec& spec, Complaints& complaints) {
  const std::vector<std::string> none;
  const std::vector<std::string>& known = s.engine.lora ? s.engine.lora->adapters : none;
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    for (const std::string& name : spec.clients[i].loras) {
      if (std::ranges::find(known, name) != known.end()) continue;
      complaints.add(client_key(spec, i, "loras"),
                     {.message = fmt::format("no adapter `{}` is listed in `engine.lora.adapters`", name),
                      .expected = known.empty() ? "`engine.lora` with its adapters"
                                                : fmt::format("one of {}", fmt::join(known, ", ")),
                      .hint = did_you_mean(name, known)});
    }
  }
}

void check_grammars(const ScenarioSettings& s, const SyntheticSpec& spec, Complaints& complaints) {
  if (s.engine.grammar_compile_ms) return;
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    if (spec.clients[i].structured_output == 0) continue;
    complaints.add(
        client_key(spec, i, "structured_output"),
        {.message = "requests with structured output wait for their grammar, and nobody has said how "
                    "long it takes to compile",
         .expected = "`engine.grammar_compile_ms`"});
  }
}

}  // namespace

void check_adapters(const ResolvedScenario& d, Complaints& complaints) {
  const ScenarioSettings& s = d.scenario;
  if (const SyntheticSpec* const spec = clients_of(s)) {
    check_names(s, *spec, complaints);
    check_grammars(s, *spec, complaints);
  }
  if (!s.engine.lora) return;
  const LoraSettings& lora = *s.engine.lora;
  for (auto name = lora.adapters.begin(); name != lora.adapters.end(); ++name) {
    if (std::find(lora.adapters.begin(), name, *name) == name) continue;
    complaints.add("engine.lora.adapters", {.message = fmt::format("adapter `{}` is listed twice", *name),
                                            .expected = "each adapter once"});
  }
  if (std::ranges::find(kRanks, lora.max_lora_rank) == kRanks.end()) {
    complaints.add("engine.lora.max_lora_rank",
                   {.message = "vLLM has no `max_lora_rank` of this size",
                    .expected = fmt::format("one of {}", fmt::join(kRanks, ", ")),
                    .got = std::to_string(lora.max_lora_rank)});
  }
  if (lora.max_cpu_loras && *lora.max_cpu_loras < lora.max_loras) {
    complaints.add("engine.lora.max_cpu_loras",
                   {.message = "`engine.lora.max_cpu_loras` is smaller than `engine.lora.max_loras`",
                    .expected = fmt::format("at least {}", lora.max_loras),
                    .got = std::to_string(*lora.max_cpu_loras)});
  }
}

AdapterCosts adapter_costs(const EngineSettings& engine) {
  if (!engine.lora) return {};
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const LoraSettings& lora = *engine.lora;
  return {.slots = lora.max_loras,
          .in_host_memory = lora.max_cpu_loras.value_or(lora.max_loras),
          .load = to_duration(Milliseconds(lora.load_ms)),
          .activate = to_duration(Milliseconds(lora.activate_ms)),
          .slowdown = lora.slowdown,
          .listed = static_cast<int>(lora.adapters.size())};
}

std::vector<std::string> adapter_names(const ScenarioSettings& scenario) {
  if (scenario.engine.lora) return scenario.engine.lora->adapters;
  std::vector<std::string> names;
  if (const SyntheticSpec* const spec = clients_of(scenario)) {
    for (const ClientSpec& client : spec->clients) {
      for (const std::string& name : client.loras) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

}  // namespace blis
