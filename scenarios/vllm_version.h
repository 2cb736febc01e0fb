// Which vLLM a scenario means: a release or a date, and the scheduler behaviour and defaults it stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/vllm_code.h"
#include "sim/vllm/scheduler_config.h"

namespace blis {

// Which releases have the engine that is simulated here. Others schedule differently from the ground up.
enum class V1Engine : std::uint8_t {
  only,        // from 0.9: whatever of V0 was left there is not asked about
  by_default,  // 0.8: but for what V1 could not do yet (not_modelled.h)
  absent,      // 0.7 and before, where it was a trial that had to be switched on
};

struct VllmVersion {
  std::string name;  // as asked for: "0.23", "2026-05-10"
  VllmCode code;     // what it has of what came and went with releases
  std::string date;  // of the code it stands for, ISO form: what defaults go by
  V1Engine v1 = V1Engine::only;
  BehaviourPreset preset;  // the verified behaviour nearest before that
  std::string warning;     // empty, or why this is an approximation
};

// Whether it is a known release, 0.`minor` or later.
bool is_release_from(const VllmVersion& version, int minor);

// Whether its code is known to be older than mainline of that day: of a release, that the next one's is.
bool is_before(const VllmVersion& version, std::string_view day);

// Releases by their number (`0.23`, `v0.23.1`), mainline by its date (`2026-05-10`). Nothing: the newest
// verified. Throws InputError (usage) at `place` for anything else.
VllmVersion find_vllm_version(const std::optional<std::string>& asked, const Place& place);

// The releases that are known, oldest first: for messages and lists.
std::vector<std::string> vllm_releases();

}  // namespace blis
