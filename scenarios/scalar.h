// What a number, a truth value or a missing value looks like in our files and flags: one spelling each,
// the same in YAML, JSON and --set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace blis {

// The value, or why the text has none.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string hint;  // may be empty even where `value` is
};

// A decimal whole number: `-12`, `8192`. Not 010, 0x10, 1e3, +5, 1_000 or 5ms: readers of YAML differ
// on the first four, and the last is for the key to say.
Parsed<std::int64_t> strict_integer(std::string_view text);

// A finite decimal number: `-12`, `0.5`, `1e-3`. Not .5, inf or nan.
Parsed<double> strict_number(std::string_view text);

// `true` or `false` alone; yes, on and their like are words in some readers of YAML.
Parsed<bool> strict_boolean(std::string_view text);

// The shortest text that strict_number reads back as `value`, which is finite.
std::string to_text(double value);

}  // namespace blis
