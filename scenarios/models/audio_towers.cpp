// Conformers (Universal Speech Model). In a layer, with H hidden size: two MLPs of two matrices and 4H, five
// square matrices of attention with relative positions, and a convolution between matrices of H to 2H and H
// to H. Source: transformers' modeling_gemma3n.py and modeling_gemma4.py.
#include "scenarios/models/audio_towers.h"

#include <fmt/format.h>

#include <string_view>

#include "scenarios/models/tower_design.h"

namespace blis {
namespace {

constexpr std::string_view kAudio = "an audio tower";

// Norms, 0.02 % of it, are left out.
double conformer(double hidden, double layers, double kernel) {
  constexpr double kMlps = 2 * 2 * 4, kAttention = 5, kConvolution = 3;
  return layers * ((kMlps + kAttention + kConvolution) * hidden * hidden + kernel * hidden);
}

// Two convolutions of 3 x 3, each of which halves both directions, and a matrix over what is left of the
// bins.
double subsampling(Section& s, std::string_view key, double bins, double hidden) {
  constexpr double kSquare = 9, kHalvings = 4;
  const std::vector<double> channels = s.numbers(key, {.low = 1, .high = 100'000});
  if (channels.size() != 2) {
    s.problem(key,
              {.message = fmt::format("`{}` has a wrong value", s.path(key)), .expected = "two numbers"});
    return 0;
  }
  return kSquare * channels[0] * (1 + channels[1]) + bins / kHalvings * channels[1] * hidden;
}

double size(Section& s, std::string_view key, std::int64_t absent) {
  return static_cast<double>(s.maybe_integer(key, kWidth).value_or(absent));
}

}  // namespace

double gemma4_audio(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kAudio, "gemma4_audio", findings);
  constexpr double kBins = 128;
  const double d = size(s, "hidden_size", 1024), out = size(s, "output_proj_dims", 1536);
  return conformer(d, size(s, "num_hidden_layers", 12), size(s, "conv_kernel_size", 5)) +
         subsampling(s, "subsampling_conv_channels", kBins, d) + d * out +
         out * static_cast<double>(text.hidden);
}

double gemma3n_audio(Section& s, const ModelFacts& text, Findings& findings) {
  expect_design(s, kAudio, "gemma3n_audio", findings);
  const double d = size(s, "hidden_size", 1536);
  return conformer(d, size(s, "conf_num_hidden_layers", 12), size(s, "conf_conv_kernel_size", 5)) +
         subsampling(s, "sscp_conv_channel_size", size(s, "input_feat_size", 128), d) +
         d * (static_cast<double>(text.hidden) + size(s, "vocab_size", 128));
}

}  // namespace blis
