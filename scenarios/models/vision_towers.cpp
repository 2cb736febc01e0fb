#include "scenarios/models/vision_towers.h"

#include <fmt/format.h>

namespace blis {
namespace {

constexpr double kColours = 3;

double width(Section& s, std::string_view key) {
  return static_cast<double>(s.integer(key, kWidth));
}
double count(Section& s, std::string_view key) {
  return static_cast<double>(s.integer(key, kLayers));
}
double patch(Section& s, std::int64_t absent = 0) {
  constexpr Range<std::int64_t> kPixels{1, 10'000};
  const auto size = static_cast<double>(absent > 0 ? s.maybe_integer("patch_size", kPixels).value_or(absent)
                                                   : s.integer("patch_size", kPixels));
  return kColours * size * size;
}
// A matrix with its bias.
double affine(double in, double out) {
  return in * out + out;
}

// Towers of other designs than the one that is counted are not modelled.
void expect_design(Section& s, std::string_view design, Findings& findings) {
  const std::string given = s.maybe_text("model_type").value_or(std::string(design));
  if (given == design) return;
  findings.not_modelled.push_back(s.placed(
      "model_type",
      {.message = fmt::format("a vision tower of the type `{}`", given), .expected = std::string(design)}));
}

// The encoder of Pixtral: gated MLPs, no biases.
double pixtral_encoder(Section& s, std::int64_t patch_absent) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  return patch(s, patch_absent) * d + d + count(s, "num_hidden_layers") * (4 * d * d + 3 * d * f + 2 * d);
}

}  // namespace

double llama4_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, "llama4_vision_model", findings);
  return vision_elements({.layers = static_cast<int>(s.integer("num_hidden_layers", kLayers)),
                          .hidden = s.integer("hidden_size", kWidth),
                          .ffn = s.integer("intermediate_size", kWidth),
                          .adapter_hidden = s.integer("projector_output_dim", kWidth)},
                         text.hidden);
}

double siglip_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, "siglip_vision_model", findings);
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double image = width(s, "image_size");
  const double patches = kColours * image * image / patch(s);
  const double layer = 4 * affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  return affine(patch(s), d) + patches * d + count(s, "num_hidden_layers") * layer + 2 * d +
         d * static_cast<double>(text.hidden) + d;
}

// Gated MLPs, four norms a layer, and a table of positions for each direction.
double gemma4_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, "gemma4_vision", findings);
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double heads =
      width(s, "head_dim") * (2 * width(s, "num_attention_heads") + 2 * width(s, "num_key_value_heads"));
  const double layer = d * heads + 3 * d * f + 4 * d;
  return patch(s) * d + 2 * width(s, "position_embedding_size") * d + count(s, "num_hidden_layers") * layer +
         d * static_cast<double>(text.hidden);
}

double pixtral_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, "pixtral", findings);
  const double d = width(s, "hidden_size"), h = static_cast<double>(text.hidden);
  return pixtral_encoder(s, 16) + affine(d, h) + affine(h, h);
}

double mistral3_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, "pixtral", findings);
  const double d = width(s, "hidden_size"), h = static_cast<double>(text.hidden);
  constexpr double kMerged = 4;  // spatial_merge_size 2 in both directions
  return pixtral_encoder(s, 14) + kMerged * d * d + d + d * h + h * h;
}

double qwen3_tower(Section& s, const ModelFacts&, Findings& findings) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double merge = count(s, "spatial_merge_size"), merged = merge * merge * d;
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  const double merger = affine(merged, merged) + affine(merged, width(s, "out_hidden_size"));
  const std::vector<double> after = s.numbers("deepstack_visual_indexes", {.low = 0});
  const auto deep = static_cast<double>(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {  // only their number counts
    findings.moot.push_back(fmt::format("{}.{}", s.path("deepstack_visual_indexes"), i));
  }
  return count(s, "temporal_patch_size") * patch(s) * d + d + count(s, "num_position_embeddings") * d +
         count(s, "depth") * layer + (1 + deep) * merger + 2 * d + deep * 2 * merged;
}

double moonvit_tower(Section& s, const ModelFacts& text, Findings& findings) {
  if (const std::string projector = s.maybe_text("mm_projector_type").value_or("patchmerger");
      projector != "patchmerger") {
    findings.not_modelled.push_back(s.placed(
        "mm_projector_type",
        {.message = fmt::format("a projector of the type `{}`", projector), .expected = "patchmerger"}));
  }
  const double d = width(s, "vt_hidden_size"), f = width(s, "vt_intermediate_size");
  double merged = d;
  for (const double joined : s.numbers("merge_kernel_size", {.low = 1, .high = 100})) merged *= joined;
  const double places = count(s, "init_pos_emb_height") * count(s, "init_pos_emb_width");
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  return affine(patch(s), d) + places * d + count(s, "vt_num_hidden_layers") * layer + 4 * d +
         affine(merged, merged) + affine(merged, static_cast<double>(text.hidden));
}

double qwen2_tower(Section& s, const ModelFacts&, Findings&) {
  const double d = width(s, "embed_dim"),
               f = d * s.number("mlp_ratio", {.low = 0, .high = 100, .low_open = true});
  const double merge = count(s, "spatial_merge_size"), merged = merge * merge * d;
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  return count(s, "temporal_patch_size") * patch(s) * d + count(s, "depth") * layer + 2 * d +
         affine(merged, merged) + affine(merged, width(s, "hidden_size"));
}

double qwen25_tower(Section& s, const ModelFacts&, Findings&) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double merge = count(s, "spatial_merge_size"), merged = merge * merge * d;
  const double layer = affine(d, 3 * d) + affine(d, d) + 2 * affine(d, f) + affine(f, d) + 2 * d;
  return count(s, "temporal_patch_size") * patch(s) * d + count(s, "depth") * layer + d +
         affine(merged, merged) + affine(merged, width(s, "out_hidden_size"));
}

}  // namespace blis
