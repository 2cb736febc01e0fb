// The audio towers, with projectors, that are known: how many elements they have, of their `audio_config`.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

double gemma4_audio(Section& audio, const ModelFacts& text, Findings& findings);
double gemma3n_audio(Section& audio, const ModelFacts& text, Findings& findings);

}  // namespace blis
