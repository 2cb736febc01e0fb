#include "tools/output/text_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace blis {
namespace {

constexpr std::array<std::string_view, 9> kLeftEighths{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::array<std::string_view, 9> kLowerEighths{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view kAsciiHeights = " .:-=+*#@";

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t spaces_missing(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return used < width ? width - used : 0;
}

}  // namespace

std::string bar(double share, std::size_t width, Glyphs glyphs) {
  share = std::clamp(share, 0.0, 1.0);
  std::string text;
  if (glyphs == Glyphs::ascii) {
    auto filled = static_cast<std::size_t>(std::lround(share * static_cast<double>(width)));
    if (share > 0) filled = std::max<std::size_t>(filled, 1);
    return std::string(filled, '#');
  }
  auto eighths = static_cast<std::size_t>(std::lround(share * 8 * static_cast<double>(width)));
  if (share > 0) eighths = std::max<std::size_t>(eighths, 1);
  for (; eighths >= 8; eighths -= 8) text += kLeftEighths[8];
  if (eighths > 0) text += kLeftEighths[eighths];
  return text;
}

std::string sparkline(std::span<const double> values, Glyphs glyphs) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, value);
  std::string text;
  for (const double value : values) {
    auto height = largest > 0 ? static_cast<std::size_t>(std::lround(8 * value / largest)) : 0;
    if (value > 0) height = std::max<std::size_t>(height, 1);
    if (glyphs == Glyphs::unicode) {
      text += kLowerEighths[height];
    } else {
      text += kAsciiHeights[height];
    }
  }
  return text;
}

std::string padded(std::string text, std::size_t width) {
  return text.append(spaces_missing(text, width), ' ');
}

std::string with_separators(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

std::string rounded(double number) {
  if (std::abs(number) >= 999.5) return with_separators(std::llround(number));
  return fmt::format("{:.3g}", number);
}

std::string readable_seconds(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 0.9995e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  if (seconds < 0.9995) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (seconds < 99.95) return fmt::format("{:.3g} s", seconds);
  const std::int64_t whole = std::llround(seconds);
  const std::int64_t minutes = whole / 60;
  const std::int64_t hours = minutes / 60;
  if (hours == 0) return fmt::format("{} min {} s", minutes, whole % 60);
  if (hours < 48) return fmt::format("{} h {} min", hours, minutes % 60);
  return fmt::format("{} d {} h", hours / 24, hours % 24);
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

}  // namespace blis
