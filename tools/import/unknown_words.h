// Words whose value nobody can know, and the clause that says why (ShellWord::unset).
#pragma once

#include <fmt/core.h>

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace blis {

inline bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
inline bool is_name(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// The length of what a guide leaves open at the start of `text`, as <MODEL> or <your model>; 0 if it is none.
inline std::size_t placeholder_length(std::string_view text) {
  if (!text.starts_with('<') || text.size() < 3 || std::isalpha(static_cast<unsigned char>(text[1])) == 0)
    return 0;
  const std::size_t end = text.find_first_of("<>\n", 1);
  return end == std::string_view::npos || text[end] != '>' || text[end - 1] == ' ' ? 0 : end + 1;
}

inline std::string nobody_has_set(std::string_view what) {
  return fmt::format("nobody has set {}", what);
}
inline std::string is_placeholder(std::string_view what) {
  return fmt::format("`{}` is a placeholder", what);
}

}  // namespace blis
