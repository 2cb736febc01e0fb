#include "tools/cli/jobs_flag.h"

#include "blis/error.hpp"
#include "tools/cli/flag_overrides.h"
#include "tools/simulate/pool.h"

namespace blis {

int jobs_of(const Invocation& invocation) {
  const Given* const given = invocation.find("jobs");
  if (given == nullptr) return hardware_threads();
  const std::optional<std::int64_t> threads = whole_number(*given, 1, 1024);
  if (threads) return static_cast<int>(*threads);
  throw InputError(ErrorKind::usage, {.place = {given->shown},
                                      .message = "this is no number of threads",
                                      .expected = "a whole number from 1 to 1024"});
}

}  // namespace blis
