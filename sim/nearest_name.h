// "Did you mean": the known names closest to what the user wrote.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

// How many single-character edits (insert, delete, replace, swap of neighbours) turn `a` into `b`;
// letter case is ignored, and `-` equals `_`.
int edit_distance(std::string_view a, std::string_view b);

// Up to `limit` of `names`, nearest first, that are near enough to be a plausible misspelling of
// `wanted` (or that it is part of); none if nothing is. Ties keep the order of `names`.
std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string> names,
                                       std::size_t limit = 1);

// "did you mean `x`?", "did you mean `x` or `y`?", or empty.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> names, std::size_t limit = 1);

}  // namespace blis
