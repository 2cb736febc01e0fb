// The card of a model as text and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roofline/model_card.h"
#include "tools/simulate/engine_memory.h"

namespace blis {

std::string card_text(const ModelCard& card, const std::optional<EngineMemory>& memory);
std::string card_json(const ModelCard& card, const std::optional<EngineMemory>& memory,
                      const std::vector<std::string>& warnings);

}  // namespace blis
