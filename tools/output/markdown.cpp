#include "tools/output/markdown.h"

#include <string_view>

namespace blis {

std::string markdown_escaped(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_|<>[]";
  std::string escaped;
  for (const char c : text) {
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string markdown_table(std::span<const TextColumn> columns, std::size_t rows) {
  std::string text = "|", rule = "|";
  for (const TextColumn& column : columns) {
    text += " " + markdown_escaped(column.heading) + " |";
    rule += column.left ? " :-- |" : " --: |";
  }
  text += "\n" + rule + "\n";
  for (std::size_t row = 0; row < rows; ++row) {
    text += "|";
    for (const TextColumn& column : columns) text += " " + markdown_escaped(column.cells[row]) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace blis
