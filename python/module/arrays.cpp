#include "python/module/arrays.h"

#include <cstddef>

#include "tools/simulate/report.h"

namespace blis::python {
namespace {

namespace py = pybind11;

// The columns of requests.csv that a record has, as NumPy sees them in it.
py::dtype request_dtype() {
  py::list names, formats, offsets;
  const auto column = [&](const char* name, const char* format, std::size_t offset) {
    names.append(name);
    formats.append(format);
    offsets.append(offset);
  };
  static_assert(sizeof(Time) == 8 && sizeof(Duration) == 8, "whole nanoseconds");
  column("arrival_ns", "<i8", offsetof(RequestRecord, arrival));
  column("queued_ns", "<i8", offsetof(RequestRecord, queued));
  column("scheduled_ns", "<i8", offsetof(RequestRecord, scheduled));
  column("first_token_ns", "<i8", offsetof(RequestRecord, first_token));
  column("last_token_ns", "<i8", offsetof(RequestRecord, last_token));
  column("ended_ns", "<i8", offsetof(RequestRecord, ended));
  column("input_tokens", "<i4", offsetof(RequestRecord, input_tokens));
  column("output_tokens", "<i4", offsetof(RequestRecord, output_tokens));
  column("hit_tokens", "<i4", offsetof(RequestRecord, hit_tokens));
  column("preemptions", "<u2", offsetof(RequestRecord, preemptions));
  column("replica", "<u2", offsetof(RequestRecord, replica));
  column("client", "<u2", offsetof(RequestRecord, client));
  column("outcome", "u1", offsetof(RequestRecord, outcome));
  return {names, formats, offsets, static_cast<py::ssize_t>(sizeof(RequestRecord))};
}

}  // namespace

py::array requests_of(const Report& report) {
  const auto& records = report.run().run.requests;
  py::array array(request_dtype(), {records.size()}, {sizeof(RequestRecord)}, records.data(),
                  py::cast(report));
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

}  // namespace blis::python
