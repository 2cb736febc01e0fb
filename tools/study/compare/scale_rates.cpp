// Traffic of the same requests at another rate.
#include <fmt/format.h>

#include "scenarios/placed_error.h"
#include "tools/study/compare/replication.h"

namespace blis {
namespace {

using Process = ArrivalSpec::Process;

bool has_rate(const ArrivalSpec& arrival) {
  return arrival.process != Process::at_once && arrival.process != Process::closed_loop &&
         arrival.process != Process::servegen;
}

struct Scale {
  double from, to;
  double operator()(double rate) const { return rate == from ? to : rate * (to / from); }
};

void scale(ArrivalSpec& arrival, const Scale& by, std::string_view key, const Origins& origins) {
  if (!has_rate(arrival)) {
    throw InputError(ErrorKind::usage,
                     {.place = origin_place(origins, fmt::format("{}.process", key)),
                      .message = fmt::format("`{}` has no rate that could be varied", key),
                      .expected = "poisson, gamma, weibull, constant or normalized_exponential",
                      .hint = "traffic that waits for answers sets its own rate"});
  }
  arrival.request_rate = by(arrival.request_rate);
  arrival.curve.off_rate = by(arrival.curve.off_rate);
  for (RateCurve::State& state : arrival.curve.states) state.request_rate = by(state.request_rate);
  for (RateCurve::Point& point : arrival.curve.points) point.request_rate = by(point.request_rate);
  for (ArrivalSpec::Stage& stage : arrival.stages) stage.request_rate = by(stage.request_rate);
}

}  // namespace

void scale_rates(WorkloadSpec& workload, double from, double to, const Origins& origins) {
  const Scale by{from, to};
  if (auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
    if (trace->arrival) {
      scale(*trace->arrival, by, "workload.arrival", origins);
    } else {
      trace->time_scale *= to / from;
    }
    return;
  }
  SyntheticSpec& synthetic = std::get<SyntheticSpec>(workload.kind);
  if (synthetic.arrival) scale(*synthetic.arrival, by, "workload.arrival", origins);
  for (std::size_t i = 0; i < synthetic.clients.size(); ++i) {
    std::optional<ArrivalSpec>& arrival = synthetic.clients[i].arrival;
    const bool only = synthetic.clients.size() == 1 && synthetic.clients[i].name.empty();
    if (arrival) {
      scale(*arrival, by, only ? "workload.arrival" : fmt::format("workload.clients.{}.arrival", i), origins);
    }
  }
}

std::optional<double> nominal_rate(const WorkloadSpec& workload) {
  const ArrivalSpec* only = nullptr;
  if (const auto* const trace = std::get_if<TraceSpec>(&workload.kind)) {
    if (trace->arrival) only = &*trace->arrival;
  } else {
    const SyntheticSpec& synthetic = std::get<SyntheticSpec>(workload.kind);
    int streams = 0;
    if (synthetic.arrival) only = &*synthetic.arrival, ++streams;
    for (const ClientSpec& client : synthetic.clients) {
      if (client.arrival) only = &*client.arrival, ++streams;
    }
    if (streams != 1) return std::nullopt;
  }
  const bool plain = only != nullptr && has_rate(*only) && only->curve.kind == RateCurve::Kind::constant &&
                     only->stages.empty() && only->request_rate > 0;
  return plain ? std::optional(only->request_rate) : std::nullopt;
}

}  // namespace blis
