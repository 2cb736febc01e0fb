// Published benchmarks of several engines behind a router: deployment, load stage by stage, and what was
// measured.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"

namespace blis {

// The figures of a stage, under the names that the files have. Seconds; tokens a second from the first send
// to the last end.
inline constexpr std::array<std::string_view, 6> kClusterFigures{
    "output_tokens_per_sec", "total_tokens_per_sec", "ttft_s.mean", "ttft_s.p90", "e2e_s.mean", "e2e_s.p90"};
using ClusterFigures = std::array<double, kClusterFigures.size()>;  // NaN: not known
inline constexpr ClusterFigures kNoFigures = [] {
  ClusterFigures none{};
  none.fill(std::numeric_limits<double>::quiet_NaN());
  return none;
}();

struct ClusterStage {
  double rate = 0;  // requests a second
  std::int64_t requests = 0;
  bool warm_up = false;  // not scored
  ClusterFigures measured = kNoFigures;
};

// Prompts that share prefixes in groups, shuffled once and then sent in that order again and again; or,
// without groups, prompts that share nothing.
struct ClusterLoad {
  std::int64_t groups = 0, prompts_per_group = 0;
  std::int32_t shared_tokens = 0, own_tokens = 0, output_tokens = 0;
  bool poisson = true;  // otherwise at a constant rate
  double gap_s = 0;     // from the last arrival of a stage to the next stage, long enough to drain
  std::vector<ClusterStage> stages = {};
};

struct ClusterCase {
  std::string id;                       // of a file with several routers, with the router's name
  std::vector<Override> settings = {};  // of its scenario
  ClusterLoad load;
  std::vector<std::string> score = {};        // of kClusterFigures
  ClusterFigures measured_mean = kNoFigures;  // over stages, where only that was published
  std::string problem = {};                   // why it cannot be simulated; empty: it can
};

// Whether a folder holds such benchmarks.
bool is_cluster_folder(const std::string& folder);

// In the order of file names. Throws InputError (io) for a file that does not read.
std::vector<ClusterCase> read_cluster_cases(const std::string& folder);

}  // namespace blis
