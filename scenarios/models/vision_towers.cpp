#include "scenarios/models/vision_towers.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "scenarios/models/tower_design.h"

namespace blis {
namespace {

constexpr std::string_view kVision = "a vision tower";
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

// The encoder of Pixtral: gated MLPs, no biases.
VisionTower pixtral_encoder(Section& s, std::int64_t patch_absent) {
  VisionTower t;
  VisionEncoder& e = t.encoder.emplace();
  e = {.layers = static_cast<int>(s.integer("num_hidden_layers", kLayers)),
       .hidden = width(s, "hidden_size"),
       .ffn = width(s, "intermediate_size"),
       .gated = true,
       .patch_elements = patch(s, patch_absent)};
  const double d = e.hidden;
  t.elements = e.patch_elements * d + d + e.layers * (4 * d * d + 3 * d * e.ffn + 2 * d);
  return t;
}

// MoonViT and what joins its patches; names of its sizes begin with `prefix`.
VisionTower moonvit(Section& s, const ModelFacts& text, const std::string& prefix) {
  const double d = width(s, prefix + "hidden_size"), f = width(s, prefix + "intermediate_size");
  const double of_patch = patch(s);
  double joined_patches = 1;
  for (const double joined : s.numbers("merge_kernel_size", {.low = 1, .high = 100}))
    joined_patches *= joined;
  const double merged = joined_patches * d, h = static_cast<double>(text.hidden);
  const double places = count(s, "init_pos_emb_height") * count(s, "init_pos_emb_width");
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  const double layers = count(s, prefix + "num_hidden_layers");
  return {.elements = affine(of_patch, d) + places * d + layers * layer + 4 * d + affine(merged, merged) +
                      affine(merged, h),
          .encoder = VisionEncoder{.layers = static_cast<int>(layers),
                                   .hidden = d,
                                   .ffn = f,
                                   .patch_elements = of_patch,
                                   .merged = joined_patches,
                                   .projector = {{merged, merged}, {merged, h}}}};
}

VisionTower pixtral_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "pixtral", findings);
  VisionTower t = pixtral_encoder(s, 16);
  const double d = t.encoder->hidden, h = static_cast<double>(text.hidden);
  t.elements += affine(d, h) + affine(h, h);
  t.encoder->projector = {{d, h}, {h, h}};
  return t;
}

// What CLIP and SigLIP have alike: whole images in patches with a position each, and layers of biased
// matrices.
struct PatchedImage {
  double patches = 0;
  double in_layers = 0;  // elements
  VisionEncoder encoder;
};
PatchedImage patched_image(Section& s) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size"), of_patch = patch(s);
  const double image = width(s, "image_size"), layers = count(s, "num_hidden_layers");
  return {.patches = kColours * image * image / of_patch,
          .in_layers = layers * (4 * affine(d, d) + affine(d, f) + affine(f, d) + 4 * d),
          .encoder = {.layers = static_cast<int>(layers), .hidden = d, .ffn = f, .patch_elements = of_patch}};
}

// CLIP's, of which LLaVA 1.5 takes all but the last layer; that is counted too, 0.2 % of the model.
VisionTower clip_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "clip_vision_model", findings);
  PatchedImage of = patched_image(s);
  const double d = of.encoder.hidden, h = static_cast<double>(text.hidden);
  of.encoder.projector = {{d, h}, {h, h}};
  return {.elements = of.encoder.patch_elements * d + (of.patches + 2) * d + of.in_layers + 4 * d +
                      affine(d, h) + affine(h, h),
          .encoder = std::move(of.encoder)};
}

}  // namespace

VisionTower llama4_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "llama4_vision_model", findings);
  const VisionConfig config{.layers = static_cast<int>(s.integer("num_hidden_layers", kLayers)),
                            .hidden = s.integer("hidden_size", kWidth),
                            .ffn = s.integer("intermediate_size", kWidth),
                            .adapter_hidden = s.integer("projector_output_dim", kWidth)};
  const auto d = static_cast<double>(config.hidden), f = static_cast<double>(config.ffn);
  const auto a = static_cast<double>(config.adapter_hidden), h = static_cast<double>(text.hidden);
  constexpr double kPixelShuffle = 4, kPatch = kColours * 14 * 14;
  return {.elements = vision_elements(config, text.hidden),
          .encoder = VisionEncoder{.layers = config.layers,
                                   .hidden = d,
                                   .ffn = f,
                                   .patch_elements = kPatch,
                                   .merged = kPixelShuffle,
                                   .projector = {{f, a}, {a, a}, {a, h}}}};
}

VisionTower siglip_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "siglip_vision_model", findings);
  PatchedImage of = patched_image(s);
  const double d = of.encoder.hidden, h = static_cast<double>(text.hidden);
  constexpr double kEmbeddings = 256;  // mm_tokens_per_image
  of.encoder.merged = of.patches / kEmbeddings;
  of.encoder.projector = {{d, h}};
  return {
      .elements = affine(of.encoder.patch_elements, d) + of.patches * d + of.in_layers + 2 * d + d * h + d,
      .encoder = std::move(of.encoder)};
}

// Gated MLPs, four norms a layer, and a table of positions for each direction. How its patches become
// embeddings, and so their time, is not known.
VisionTower gemma4_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "gemma4_vision", findings);
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double heads =
      width(s, "head_dim") * (2 * width(s, "num_attention_heads") + 2 * width(s, "num_key_value_heads"));
  const double layer = d * heads + 3 * d * f + 4 * d;
  return {.elements = patch(s) * d + 2 * width(s, "position_embedding_size") * d +
                      count(s, "num_hidden_layers") * layer + d * static_cast<double>(text.hidden),
          .encoder = {}};
}

// A convolutional network of timm, whose config says no more than its name; "300m" of weights is what Gemma
// 3n's published totals leave for it. vLLM builds it whole on each rank.
VisionTower mobilenet_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "gemma3n_vision", findings);
  constexpr double kElements = 300e6;
  constexpr std::string_view kKnown = "mobilenetv5_300m_enc";
  if (const std::string given = s.maybe_text("architecture").value_or(std::string(kKnown)); given != kKnown) {
    findings.not_modelled.push_back(
        s.placed("architecture", {.message = fmt::format("a vision tower of the architecture `{}`", given),
                                  .expected = std::string(kKnown)}));
  }
  const auto of_class = [&](std::string_view key, std::int64_t absent) {
    return static_cast<double>(s.maybe_integer(key, kWidth).value_or(absent));
  };
  const double d = of_class("hidden_size", 2048);
  return {.elements = kElements + d * (static_cast<double>(text.hidden) + of_class("vocab_size", 128)),
          .whole = true};
}

VisionTower llava_tower(Section& s, const ModelFacts& text, Findings& findings) {
  const bool is_pixtral = s.maybe_text("model_type").value_or("") == "pixtral";
  return is_pixtral ? pixtral_tower(s, text, findings) : clip_tower(s, text, findings);
}

VisionTower mistral3_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "pixtral", findings);
  VisionTower t = pixtral_encoder(s, 14);
  const double d = t.encoder->hidden, h = static_cast<double>(text.hidden);
  constexpr double kMerged = 4;  // spatial_merge_size 2 in both directions
  t.elements += kMerged * d * d + d + d * h + h * h;
  t.encoder->merged = kMerged;
  t.encoder->projector = {{kMerged * d, d}, {d, h}, {h, h}};
  return t;
}

VisionTower qwen3_tower(Section& s, const ModelFacts&, Findings& findings) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double merge = count(s, "spatial_merge_size"), merged = merge * merge * d;
  const double out = width(s, "out_hidden_size");
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  const double merger = affine(merged, merged) + affine(merged, out);
  const std::vector<double> after = s.numbers("deepstack_visual_indexes", {.low = 0});
  const auto deep = static_cast<double>(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {  // only their number counts
    findings.moot.push_back(fmt::format("{}.{}", s.path("deepstack_visual_indexes"), i));
  }
  const double of_patch = count(s, "temporal_patch_size") * patch(s), layers = count(s, "depth");
  VisionTower t{.elements = of_patch * d + d + count(s, "num_position_embeddings") * d + layers * layer +
                            (1 + deep) * merger + 2 * d + deep * 2 * merged,
                .encoder = VisionEncoder{.layers = static_cast<int>(layers),
                                         .hidden = d,
                                         .ffn = f,
                                         .patch_elements = of_patch,
                                         .merged = merge * merge}};
  for (std::size_t i = 0; i <= after.size(); ++i) {
    t.encoder->projector.push_back({merged, merged});
    t.encoder->projector.push_back({merged, out});
  }
  return t;
}

VisionTower moonvit_tower(Section& s, const ModelFacts& text, Findings& findings) {
  if (const std::string projector = s.maybe_text("mm_projector_type").value_or("patchmerger");
      projector != "patchmerger") {
    findings.not_modelled.push_back(s.placed(
        "mm_projector_type",
        {.message = fmt::format("a projector of the type `{}`", projector), .expected = "patchmerger"}));
  }
  return moonvit(s, text, "vt_");
}

VisionTower kimi_vl_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "moonvit", findings);
  return moonvit(s, text, "");
}

VisionTower qwen25_tower(Section& s, const ModelFacts&, Findings&) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double merge = count(s, "spatial_merge_size"), merged = merge * merge * d;
  const double out = width(s, "out_hidden_size");
  const double layer = affine(d, 3 * d) + affine(d, d) + 2 * affine(d, f) + affine(f, d) + 2 * d;
  const double of_patch = count(s, "temporal_patch_size") * patch(s), layers = count(s, "depth");
  return {.elements = of_patch * d + layers * layer + d + affine(merged, merged) + affine(merged, out),
          .encoder = VisionEncoder{.layers = static_cast<int>(layers),
                                   .hidden = d,
                                   .ffn = f,
                                   .gated = true,
                                   .patch_elements = of_patch,
                                   .merged = merge * merge,
                                   .projector = {{merged, merged}, {merged, out}}}};
}

VisionTower qwen2_tower(Section& s, const ModelFacts&, Findings&) {
  const auto of_class = [&](std::string_view key, std::int64_t absent) {
    return static_cast<double>(s.maybe_integer(key, kWidth).value_or(absent));
  };
  const double d = of_class("embed_dim", 1280), f = of_class("mlp_ratio", 4) * d;
  const double merge = of_class("spatial_merge_size", 2), merged = merge * merge * d;
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 4 * d;
  const double of_patch = of_class("temporal_patch_size", 2) * patch(s, 14), layers = of_class("depth", 32);
  const double out = width(s, "hidden_size");
  return {.elements = of_patch * d + layers * layer + 2 * d + affine(merged, merged) + affine(merged, out),
          .encoder = VisionEncoder{.layers = static_cast<int>(layers),
                                   .hidden = d,
                                   .ffn = f,
                                   .patch_elements = of_patch,
                                   .merged = merge * merge,
                                   .projector = {{merged, merged}, {merged, out}}}};
}

// Gated MLPs as wide as the text model; what joins four patches ends in one more, of `intermediate_size`.
VisionTower glm4v_tower(Section& s, const ModelFacts&, Findings&) {
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double out = width(s, "out_hidden_size"), merge = count(s, "spatial_merge_size");
  const double side = width(s, "image_size") / static_cast<double>(s.integer("patch_size", {1, 10'000}));
  const double layer = 4 * d * d + 3 * d * out + 2 * d;
  const double merger = affine(merge * merge * d, out) + out * out + 2 * out + 3 * out * f;
  return {.elements = count(s, "temporal_patch_size") * patch(s) * d + d + side * side * d +
                      count(s, "depth") * layer + merger + 2 * d};
}

VisionTower intern_tower(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kVision, "intern_vit_6b", findings);
  constexpr double kJoined = 4;  // downsample_ratio 0.5 in both directions
  const double d = width(s, "hidden_size"), f = width(s, "intermediate_size");
  const double image = width(s, "image_size"), h = static_cast<double>(text.hidden);
  const double patches = kColours * image * image / patch(s);
  const double layer = affine(d, 3 * d) + affine(d, d) + affine(d, f) + affine(f, d) + 6 * d;
  return {.elements = affine(patch(s), d) + (patches + 2) * d + count(s, "num_hidden_layers") * layer +
                      2 * kJoined * d + affine(kJoined * d, h) + affine(h, h)};
}

}  // namespace blis
