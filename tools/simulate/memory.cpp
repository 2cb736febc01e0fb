#include "tools/simulate/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "blis/error.hpp"
#include "workloads/workload.h"

namespace blis {
namespace {

// The first number of a file of the system's.
std::optional<double> number_in(const char* path) {
  double number = 0;
  return std::ifstream(path) >> number ? std::optional(number) : std::nullopt;
}

std::optional<double> free_on_the_machine() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  for (double kilobytes = 0; file >> name >> kilobytes; std::getline(file, unit)) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return std::nullopt;
}

std::optional<double> left_of_control_group() {
  const auto most = number_in("/sys/fs/cgroup/memory.max");  // "max": there is none
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  return most && used ? std::optional(*most - *used) : std::nullopt;
}

std::optional<double> left_of_limit() {
  rlimit limit{};
  const auto pages = number_in("/proc/self/statm");
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || !pages) return std::nullopt;
  return static_cast<double>(limit.rlim_cur) - *pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::optional<double> available_memory() {
  std::optional<double> least;
  for (const auto& bytes : {free_on_the_machine(), left_of_control_group(), left_of_limit()}) {
    if (bytes) least = std::max(0.0, least ? std::min(*least, *bytes) : *bytes);
  }
  return least;
}

void require_memory(const WorkloadSpec& workload, int runs, std::optional<double> available) {
  const std::optional<double> requests = foreseen_requests(workload);
  if (!requests || !available) return;
  const double needed = *requests * kBytesPerRequest * runs;
  if (needed <= *available) return;
  const std::string times = runs > 1 ? fmt::format(" * {} runs at a time", runs) : "";
  throw InputError(ErrorKind::usage,
                   Problem{.place = {"workload"},
                           .message = "this does not fit the memory",
                           .expected = fmt::format("at most {:.1f} GB, which are free", *available / 1e9),
                           .got = fmt::format("{:.1f} GB = {:g} requests * {:g} bytes{}", needed / 1e9,
                                              *requests, kBytesPerRequest, times),
                           .hint = runs > 1 ? "fewer requests, a shorter duration, or fewer --jobs"
                                            : "fewer requests, or a shorter duration"});
}

}  // namespace blis
