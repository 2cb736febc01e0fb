// What the terminal behind standard output can show.
#pragma once

#include <cstddef>

namespace blis {

bool stdout_is_terminal();

// Its width in columns; 80 if standard output is no terminal, so that what is piped is always the same.
std::size_t terminal_width();

// Whether block characters may be used: unless the locale says in so many words that it is not UTF-8.
bool shows_unicode();

// Whether colour may be used: standard output is a terminal that has some, and NO_COLOR is not set
// (https://no-color.org).
bool shows_colour();

}  // namespace blis
