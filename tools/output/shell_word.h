// Command lines that are written for somebody to copy.
#pragma once

#include <string>
#include <string_view>

namespace blis {

// A word as a POSIX shell reads it back.
std::string shell_word(std::string_view word);

}  // namespace blis
