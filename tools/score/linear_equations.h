// Small systems of linear equations.
#pragma once

#include <optional>
#include <vector>

namespace blis {

// x of a x = b, by Gauss with pivots; nothing where the rows do not tell the unknowns apart.
std::optional<std::vector<double>> solve_linear(std::vector<std::vector<double>> a, std::vector<double> b);

}  // namespace blis
