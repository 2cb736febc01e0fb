#include "roofline/quantization.h"

#include <array>

namespace blis {
namespace {

struct FormatFacts {
  WeightFormat format;
  std::string_view name;
  double bits;             // an element
  double scale_bits;       // a scale
  int default_group_size;  // elements a scale; 0: so many that scales do not count
};

// Scale sizes: OCP MX specification (mxfp4, mxfp8: E8M0 every 32), NVIDIA's NVFP4 (E4M3 every 16); AWQ and
// GPTQ store a 16-bit scale and a 4-bit zero point a group; block fp8 a 32-bit scale a block.
constexpr std::array kFormats{
    FormatFacts{WeightFormat::native, "native", 0, 0, 0},
    FormatFacts{WeightFormat::fp8_tensor, "fp8_tensor", 8, 0, 0},
    FormatFacts{WeightFormat::fp8_channel, "fp8_channel", 8, 0, 0},
    FormatFacts{WeightFormat::fp8_block, "fp8_block", 8, 32, 128},
    FormatFacts{WeightFormat::int8, "int8", 8, 16, 0},
    FormatFacts{WeightFormat::int4, "int4", 4, 20, 128},
    FormatFacts{WeightFormat::mxfp4, "mxfp4", 4, 8, 32},
    FormatFacts{WeightFormat::nvfp4, "nvfp4", 4, 8, 16},
    FormatFacts{WeightFormat::mxfp8, "mxfp8", 8, 8, 32},
};

const FormatFacts& facts(WeightFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

}  // namespace

std::string_view to_string(WeightFormat format) {
  return facts(format).name;
}

double bits_per_weight(WeightFormat format, double native_bytes, int group_size, bool zero_points) {
  const FormatFacts& f = facts(format);
  if (format == WeightFormat::native) return 8 * native_bytes;
  const int group = group_size > 0 ? group_size : f.default_group_size;
  if (group == 0 || f.scale_bits == 0) return f.bits;
  constexpr double kZeroPoint = 4;
  const double scale = f.scale_bits - (format == WeightFormat::int4 && !zero_points ? kZeroPoint : 0);
  const double shared_by =
      format == WeightFormat::fp8_block ? static_cast<double>(group) * group : static_cast<double>(group);
  return f.bits + scale / shared_by;
}

double bytes_per_weight(const Storage& s, double native_bytes) {
  return bits_per_weight(s.format, native_bytes, s.group_size, s.zero_points) / 8;
}

Storage storage_of(const Quantization& q, bool quantized) {
  return quantized ? Storage{q.format, q.group_size, q.zero_points, q.activation_bits} : Storage{};
}

void set_storage(Quantization& q, const Storage& quantized) {
  q.format = quantized.format;
  q.group_size = quantized.group_size;
  q.zero_points = quantized.zero_points;
  q.activation_bits = quantized.activation_bits;
}

Storage storage_of_head(const Quantization& q) {
  return q.lm_head && q.lm_head_as ? *q.lm_head_as : storage_of(q, q.lm_head);
}

}  // namespace blis
