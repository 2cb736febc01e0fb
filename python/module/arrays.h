// The records of a run as NumPy arrays, without copying.
#pragma once

#include <pybind11/numpy.h>

#include <blis/blis.hpp>

namespace blis::python {

// A structured array, read-only, a row a request in the order of arrival, of the report's own memory, which
// lives as long as the array does.
pybind11::array requests_of(const Report& report);

}  // namespace blis::python
