// The schedule vectors that lie beside this file.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tools/conform/replay.h"
#include "tools/conform/vectors.h"

namespace blis::conform {

inline std::vector<Vector> shipped_vectors(const std::string& name) {
  const std::string path = std::string(BLIS_SOURCE_DIR) + "/tests/conform/" + name;
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return parse_vectors(text.str(), name);
}

}  // namespace blis::conform
