// Traces for tests, as text.
#pragma once

#include <cstdio>
#include <string>

namespace blis {

// A trace in Azure's format: `count` requests, one every `gap_ms`, of varied lengths.
inline std::string azure_trace(int count, int gap_ms = 100) {
  std::string text = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (int i = 0; i < count; ++i) {
    const int ms = i * gap_ms;
    char row[96];
    std::snprintf(row, sizeof row, "2023-11-16 18:%02d:%02d.%03d0000,%d,%d\n", ms / 60000, ms / 1000 % 60,
                  ms % 1000, 100 + 37 * i % 1900, 1 + 13 * i % 90);
    text += row;
  }
  return text;
}

}  // namespace blis
