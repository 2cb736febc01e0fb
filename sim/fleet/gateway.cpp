#include "sim/fleet/gateway.h"

#include <algorithm>

namespace blis {

Time Gateway::enter(RequestIndex index, const RequestSpec& request) {
  const Time due = std::max(config_.opens, request.arrival + config_.time(request));
  held_.emplace(index, Held{due, HeldRequest(request)});
  due_.emplace(due, index);
  return due;
}

bool Gateway::drop(RequestIndex index) {
  const auto held = held_.find(index);
  if (held == held_.end()) return false;
  due_.erase({held->second.due, index});
  held_.erase(held);
  return true;
}

}  // namespace blis
