// Keys of a model's files that nothing here reads: those that provably decide no figure, with the reason, and
// the refusal of all others. So nothing unknown passes.
#pragma once

#include "scenarios/models/keys.h"

namespace blis {

// Where in a model's files a key stands, which decides what its name means.
enum class KeyPlace : std::uint8_t { model, rope, vision, audio, quantization };

// Each key of `section` that was not asked for is found to be not modelled or moot.
void judge_unread(const Section& section, KeyPlace top, Findings& findings);
// The same of a whole config.json; keys that its nested language model's config overrules must agree with it.
void judge_unread(Keys& keys);

}  // namespace blis
