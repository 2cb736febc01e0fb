// Files as careless hands and broken tools leave them: changes that know what a line, a number and a value
// are.
#pragma once

#include <random>
#include <span>
#include <string>

namespace blis::fuzz {

using Random = std::mt19937_64;

// A number below `n`, which is positive.
std::size_t below(Random& random, std::size_t n);

// One to four changes of `text`: numbers at their limits, values of other kinds, lines gone, doubled, swapped
// or taken from `others`, bytes flipped, nesting, the end cut off.
std::string mutated(std::string text, std::span<const std::string> others, Random& random);

// What a value may be replaced by, as it stands in JSON, YAML, CSV and on command lines alike.
std::string odd_value(Random& random);

}  // namespace blis::fuzz
