// Elements of the vision towers, with projectors, that are counted; one function for each design, of its
// `vision_config`. A tower takes memory only: text is all that is priced.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

double llama4_tower(Section& vision, const ModelFacts& text, Findings& findings);
double siglip_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Gemma 3
double gemma4_tower(Section& vision, const ModelFacts& text, Findings& findings);
double pixtral_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Pixtral as LLaVA
double mistral3_tower(Section& vision, const ModelFacts& text,
                      Findings& findings);  // the same with a patch merger
double qwen2_tower(Section& vision, const ModelFacts& text, Findings& findings);    // Qwen2-VL
double qwen3_tower(Section& vision, const ModelFacts& text, Findings& findings);    // Qwen3-VL
double moonvit_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Kimi-K2.5
double qwen25_tower(Section& vision, const ModelFacts& text, Findings& findings);   // Qwen2.5-VL

}  // namespace blis
