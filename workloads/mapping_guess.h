// What the columns of a log seem to be, by their names and the first row's values: for advice only.
#pragma once

#include <optional>
#include <string>

namespace blis {

class LogRows;

struct MappingGuess {
  std::optional<std::size_t> arrival, input, output;

  bool is_whole() const { return input && output; }
  // `blis trace inspect FILE --columns arrival=...,input=...,output=...`
  std::string command(const LogRows& rows) const;
};

// The best column for each part of `known` that is not given; nothing where none looks like it.
MappingGuess guess_mapping(const LogRows& rows, const MappingGuess& known);

}  // namespace blis
