// How the API servers of one vLLM choose among its data-parallel ranks: by what a coordinator told them of
// the ranks, 100 ms ago at most, and by what they have sent since. Source: vllm/v1/engine/core_client.py and
// coordinator.py.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/instance.h"
#include "sim/request.h"
#include "sim/units.h"

namespace blis {

// The coordinator speaks so often while something changes, and so often while nothing does.
inline constexpr Duration kCoordinatorInterval = std::chrono::milliseconds{100};
inline constexpr Duration kSilentCoordinatorInterval = std::chrono::seconds{5};

// What changed with releases, and how many servers there are. As it stands: since vllm#49204 (2026-07-27).
struct RankBalanceRule {
  int api_servers = 1;
  bool by_queues = false;       // 4 x waiting + running, as before
  bool rotates_ties = true;     // where a scan begins moves on with each choice (vllm#47420, 2026-07-06)
  bool ranks_are_heard = true;  // false: the coordinator knows nothing of them, and tells zeros
};

// What the coordinator told of a rank, and when.
struct RankReport {
  Gauges load;
  Time at = kUnset;
};

class RankBalance {
 public:
  RankBalance(const RankBalanceRule& rule, std::size_t ranks);

  // The rank that the request goes to, which is sent at `at`. One report a rank. Connections go to the API
  // servers in turn.
  std::size_t choose(RequestIndex request, std::span<const RankReport> reports, Time at);

  // The request has left the rank that it was sent to.
  void ended(RequestIndex request);

 private:
  // What an API server knows of a rank.
  struct Known {
    double in_flight = 0;   // of its own requests
    double sent_since = 0;  // taken for waiting, since the coordinator told of the rank
    Time told = kUnset;
  };
  struct Server {
    std::vector<Known> ranks;
    std::size_t turn = 0;  // where a scan begins
  };

  struct Sent {
    std::size_t server, rank;
  };

  double score_of(Known& known, const RankReport& report, Time at) const;

  RankBalanceRule rule_;
  std::vector<Server> servers_;
  std::size_t next_server_ = 0;
  std::unordered_map<RequestIndex, Sent> in_flight_;
};

}  // namespace blis
