// A table for people that fits the width it is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace blis {

struct TextColumn {
  std::string heading;
  std::vector<std::string> cells;  // by row
  int rank = 0;                    // columns of the highest rank are left out first; 0: never
  bool left = false;               // aligned to the left, as words are
};

struct TextTable {
  std::string text;                   // the heading and a line a row
  std::vector<std::string> left_out;  // headings of columns that did not fit
};

// Of two columns with one rank the later one goes first. `width` 0: no limit.
TextTable fit_table(std::vector<TextColumn> columns, std::size_t rows, std::size_t width);

// `text` in lines of at most `width` characters, those after the first indented. `width` 0: one line.
std::string wrap_text(const std::string& text, std::size_t width, std::size_t indent);

// COLUMNS of the environment if that is set, else the columns of the terminal on standard output; 0 if it is
// none.
std::size_t table_width();

}  // namespace blis
