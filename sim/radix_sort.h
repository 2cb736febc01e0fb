// Sorting of many whole numbers in a few predictable passes, where comparing would mispredict.
#pragma once

#include <cstdint>
#include <vector>

namespace blis {

// Ascending. Sorts by the leading digits, least significant first; the few values that agree in
// those are sorted plainly. Takes room for a second copy. high - low must fit into 64 bits signed.
void radix_sort(std::vector<std::int64_t>& values);

}  // namespace blis
