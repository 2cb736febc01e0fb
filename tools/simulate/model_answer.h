// The card of a model, with what of it fits: also of one that would be refused.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roofline/model_card.h"
#include "scenarios/catalog.h"
#include "scenarios/scenario.h"
#include "tools/simulate/engine_memory.h"

namespace blis {

struct ModelAnswer {
  ModelCard card;
  std::optional<EngineMemory> memory;  // with a GPU in the settings, or `kv_bytes` of memory on each
  std::vector<std::string> warnings;
};

// `lengths`: of sequences to count; none for a usual choice. Throws InputError: usage, io.
ModelAnswer model_answer(const std::string& model, const std::vector<Override>& settings,
                         std::optional<double> kv_bytes, std::span<const std::int64_t> lengths,
                         const Catalog& catalog);

}  // namespace blis
