#pragma once

#include <unistd.h>

#include <array>
#include <string>

namespace blis {

// The name that this machine gives itself; empty if it gives none.
inline std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace blis
