// The schedule vectors that lie beside this file.
#pragma once

#include <string>
#include <vector>

#include "tools/conform/vectors.h"

namespace blis::conform {

inline std::vector<Vector> shipped_vectors(const std::string& name) {
  return read_vector_file(std::string(BLIS_SOURCE_DIR) + "/tests/conform/" + name);
}

}  // namespace blis::conform
