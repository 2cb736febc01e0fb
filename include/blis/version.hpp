// Which blis this is.
#pragma once

#include <string>
#include <string_view>

namespace blis {

// "0.1.0", as the build has it.
std::string_view version();

// What this was built from and with, as one JSON object: version, commit (null if nobody knows), build_type,
// compiler and libraries. Says nothing of when and where, so that equal sources give equal bytes.
std::string build_json();

}  // namespace blis
