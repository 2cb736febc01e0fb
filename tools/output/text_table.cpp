#include "tools/output/text_table.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "tools/output/terminal.h"

namespace blis {
namespace {

constexpr std::size_t kGap = 2;

// Characters, of which UTF-8 has several bytes in some.
std::size_t length(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t width_of(const TextColumn& column) {
  std::size_t width = length(column.heading);
  for (const std::string& cell : column.cells) width = std::max(width, length(cell));
  return width;
}

std::size_t width_of(const std::vector<TextColumn>& columns) {
  std::size_t width = 0;
  for (const TextColumn& column : columns) width += width_of(column) + kGap;
  return width - std::min(width, kGap);
}

void append_cell(std::string& line, const std::string& cell, std::size_t width, bool left) {
  const std::size_t space = width - length(cell);
  if (!left) line.append(space, ' ');
  line += cell;
  if (left) line.append(space, ' ');
}

}  // namespace

TextTable fit_table(std::vector<TextColumn> columns, std::size_t rows, std::size_t width) {
  TextTable table;
  while (width > 0 && width_of(columns) > width) {
    const auto last = std::max_element(columns.begin(), columns.end(),
                                       [](const auto& a, const auto& b) { return a.rank <= b.rank; });
    if (last == columns.end() || last->rank == 0) break;
    table.left_out.push_back(last->heading);
    columns.erase(last);
  }
  std::vector<std::size_t> widths;
  for (const TextColumn& column : columns) widths.push_back(width_of(column));
  for (std::size_t row = 0; row <= rows; ++row) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) line.append(kGap, ' ');
      append_cell(line, row == 0 ? columns[c].heading : columns[c].cells[row - 1], widths[c],
                  columns[c].left);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table.text += line + "\n";
  }
  std::ranges::reverse(table.left_out);
  return table;
}

std::string wrap_text(const std::string& text, std::size_t width, std::size_t indent) {
  if (width == 0) return text;
  std::string result, line;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    start = end + 1;
    if (!line.empty() && length(line) + 1 + length(word) > width && length(line) > indent) {
      result += line + "\n";
      line.assign(indent, ' ');
      line += word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return result + line;
}

std::size_t table_width() {
  if (const char* const columns = std::getenv("COLUMNS")) {
    const std::string_view text = columns;
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc{} && end == text.data() + text.size() && width > 0) return width;
  }
  return ::isatty(STDOUT_FILENO) != 0 ? terminal_width() : 0;
}

}  // namespace blis
