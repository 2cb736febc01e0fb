// The one way this folder says that an input cannot be used.
#pragma once

#include <string>

#include "blis/error.hpp"

namespace blis {

// Throws InputError without a place: what is refused here is a combination of values, not a line.
[[noreturn]] void refuse(ErrorKind kind, std::string message, std::string expected, std::string got = {},
                         std::string hint = {});

}  // namespace blis
