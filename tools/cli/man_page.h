// The manual page, from the tables of commands and options.
#pragma once

#include <string>

namespace blis {

// blis(1) in the man macros. Equal tables give equal bytes.
std::string man_page();

}  // namespace blis
