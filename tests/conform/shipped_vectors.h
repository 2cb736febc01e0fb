// The schedule vectors that lie beside this file.
#pragma once

#include <string>
#include <vector>

#include "tools/conform/vectors.h"

namespace blis::conform {

// The files of 2026-08-20, recorded from vLLM's code of that day.
constexpr const char* kNewerVectors[] = {"depth", "ppv1",    "ppv2",  "draft_model", "mtp",
                                         "dyn",   "grammar", "lora",  "mm",          "swa0",
                                         "swaN",  "chunk",   "mnone", "mall",        "malign",
                                         "reset", "conn",    "conna", "agree",       "agree_scripts"};

inline std::vector<Vector> shipped_vectors(const std::string& name) {
  return read_vector_file(std::string(BLIS_SOURCE_DIR) + "/tests/conform/" + name);
}

}  // namespace blis::conform
