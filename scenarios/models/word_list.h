// Names in one text with a space between each two, how the tables here write long lists, or with a comma.
#pragma once

#include <string_view>
#include <vector>

namespace blis {

constexpr bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return false;
}

inline std::vector<std::string_view> words_of(std::string_view text, char between = ' ') {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const std::size_t end = text.find(between);
    all.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return all;
}

}  // namespace blis
