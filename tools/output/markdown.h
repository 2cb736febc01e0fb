// Tables that a page in Markdown shows.
#pragma once

#include <span>
#include <string>

#include "tools/output/text_table.h"

namespace blis {

// All columns, whatever their rank. What would end a cell or begin markup is escaped.
std::string markdown_table(std::span<const TextColumn> columns, std::size_t rows);

// The same of a text, on one line.
std::string markdown_escaped(std::string_view text);

}  // namespace blis
