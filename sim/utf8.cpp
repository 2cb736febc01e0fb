#include "sim/utf8.h"

#include <fmt/format.h>

#include <iterator>

namespace blis {
namespace {

std::string shown(std::string_view text, std::string_view kept) {
  std::string result;
  result.reserve(text.size());
  const auto out = std::back_inserter(result);
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    const bool keep = c.code < 0x80 && kept.find(static_cast<char>(c.code)) != std::string_view::npos;
    if (c.valid && (keep || !acts_on_its_reader(c.code))) {
      result.append(text.substr(0, c.bytes));
    } else if (c.code <= 0xff) {
      fmt::format_to(out, "\\x{:02x}", static_cast<unsigned>(c.code));
    } else {
      fmt::format_to(out, "\\u{:04x}", static_cast<unsigned>(c.code));
    }
    text.remove_prefix(c.bytes);
  }
  return result;
}

}  // namespace

Utf8Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const char32_t lead = byte(0);
  const Utf8Character broken{.code = lead, .bytes = 1, .valid = false};
  if (lead < 0x80) return {.code = lead, .bytes = 1, .valid = true};
  const std::size_t bytes = lead >> 5 == 0b110 ? 2 : lead >> 4 == 0b1110 ? 3 : lead >> 3 == 0b11110 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return broken;
  char32_t code = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (byte(i) >> 6 != 0b10) return broken;
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[bytes] || code > 0x10ffff || surrogate) return broken;
  return {.code = code, .bytes = bytes, .valid = true};
}

bool acts_on_its_reader(char32_t code) {
  const auto in = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
  return code < 0x20 || in(0x7f, 0x9f) || code == 0x61c || in(0x200e, 0x200f) || in(0x2028, 0x202e) ||
         in(0x2066, 0x2069);
}

std::string printable(std::string_view text) {
  return shown(text, "");
}

std::string printable_lines(std::string_view text) {
  return shown(text, "\n\t");
}

std::string_view first_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) >> 6) == 0b10) --bytes;
  return text.substr(0, bytes);
}

}  // namespace blis
