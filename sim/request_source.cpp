#include "sim/request_source.h"

#include "blis/error.hpp"

namespace blis {

void check_arrival(std::uint64_t request, Time arrival) {
  if (arrival <= kLastTime) return;
  throw InputError(ErrorKind::usage, Problem{.message = "request " + std::to_string(request) +
                                                        " would be sent after more than 73 years",
                                             .expected = "arrivals within 2^61 nanoseconds",
                                             .hint = "raise the request rate, or time_scale"});
}

}  // namespace blis
