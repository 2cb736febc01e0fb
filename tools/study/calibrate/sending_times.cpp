#include "tools/study/calibrate/sending_times.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "workloads/arrivals.h"

namespace blis {

std::vector<double> sending_times(const SendingPlan& plan, const std::vector<double>& latency_s) {
  ArrivalSpec spec{.process = ArrivalSpec::Process::at_once};
  if (plan.request_rate) {
    spec.process = ArrivalSpec::Process::gamma;
    spec.request_rate = *plan.request_rate;
    spec.burstiness = plan.burstiness;
  }
  Arrivals arrivals(spec, 0, 0, std::nullopt, std::nullopt);
  std::priority_queue<double, std::vector<double>, std::greater<>> ends;  // of what is in flight
  std::vector<double> times;
  for (const double latency : latency_s) {
    double at = arrivals.next();
    if (plan.max_concurrency && std::ssize(ends) >= *plan.max_concurrency) {
      at = std::max(at, ends.top());
      ends.pop();
    }
    if (plan.max_concurrency) ends.push(at + latency);
    times.push_back(at);
  }
  return times;
}

}  // namespace blis
