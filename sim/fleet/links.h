// How long KV blocks are on their way from one instance to another, and what shares the way with them.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/request.h"
#include "sim/units.h"

namespace blis {

enum class LinkSharing : std::uint8_t {
  fair,  // flows at an end share its rate equally, whenever they began: network cards
  fifo,  // of one source, one after the other: a copy stream
};

struct LinkConfig {
  double bytes_per_second = 0;  // of one GPU, to or from others; 0: no time but the latency
  Duration latency{0};          // of every transfer
  LinkSharing sharing = LinkSharing::fair;
};

// An end of a transfer: a data-parallel rank, whose GPUs all have a link of their own.
struct LinkEnd {
  std::uint32_t rank = 0;  // among those of all instances
  int gpus = 1;
};

struct Transfer {
  RequestIndex request = 0;
  LinkEnd source{}, sink{};
  double bytes = 0;  // of all GPUs together
};

// A transfer gets the lesser of its shares at its two ends. Those that come later slow it down, those that
// end speed it up.
class Links {
 public:
  explicit Links(const LinkConfig& config) : config_(config) {}

  // Begins at `at`, not before an earlier call's.
  void begin(const Transfer& transfer, Time at);

  // When the next transfer arrives, if none begins before; kNever: there is none.
  Time next() const;

  // The request whose transfer has arrived by `at`, the earliest one first; then it is forgotten. False:
  // none.
  bool arrived(Time at, RequestIndex& request);

 private:
  struct Flow {
    Transfer transfer;
    double left;        // bytes, at `settled`
    double rate = 0;    // bytes a nanosecond
    Time settled, end;  // of its last byte as things are
    std::uint64_t order;
  };
  struct Landed {
    Time at;
    RequestIndex request;
  };

  void queue_up(Flow flow, Time at);
  void leave_until(Time at);
  void share(Time at, std::uint32_t source, std::uint32_t sink);
  std::vector<Flow>::iterator first_to_end();

  LinkConfig config_;
  std::vector<Flow> flows_;
  std::deque<Landed> landed_;     // in order of their ends
  std::vector<Time> busy_until_;  // by source, for fifo
  std::uint64_t begun_ = 0;
};

}  // namespace blis
