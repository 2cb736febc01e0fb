// The vision towers, with projectors, that are known; one function for each design, of its
// `vision_config`.
#pragma once

#include "roofline/model_facts.h"
#include "scenarios/models/keys.h"

namespace blis {

VisionTower llama4_tower(Section& vision, const ModelFacts& text, Findings& findings);
VisionTower siglip_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Gemma 3
VisionTower gemma4_tower(Section& vision, const ModelFacts& text, Findings& findings);
VisionTower mobilenet_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Gemma 3n
VisionTower llava_tower(Section& vision, const ModelFacts& text,
                        Findings& findings);  // CLIP in LLaVA 1.5, or Pixtral's
VisionTower mistral3_tower(Section& vision, const ModelFacts& text,
                           Findings& findings);  // the same with a patch merger
VisionTower qwen3_tower(Section& vision, const ModelFacts& text, Findings& findings);    // Qwen3-VL
VisionTower moonvit_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Kimi-K2.5
VisionTower kimi_vl_tower(Section& vision, const ModelFacts& text, Findings& findings);  // Kimi-VL
VisionTower qwen25_tower(Section& vision, const ModelFacts& text, Findings& findings);   // Qwen2.5-VL
VisionTower qwen2_tower(Section& vision, const ModelFacts& text, Findings& findings);    // Qwen2-VL
VisionTower glm4v_tower(Section& vision, const ModelFacts& text, Findings& findings);    // GLM-4.1V, GLM-4.5V
VisionTower intern_tower(Section& vision, const ModelFacts& text, Findings& findings);   // InternVL

}  // namespace blis
