#include "workloads/rate_curve.h"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "sim/stop_request.h"

namespace blis {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
// A day's curve is followed in pieces of five minutes.
constexpr int kDiurnalPieces = 288;

double exponential(RandomStream& random, double mean) {
  return boost::random::exponential_distribution<double>(1 / mean)(random);
}

CurvePeriod period_of_points(const RateCurve& curve) {
  CurvePeriod period{.seconds = *curve.repeat_s, .pieces = static_cast<double>(curve.points.size())};
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const RateCurve::Point& point = curve.points[i];
    const bool last = i + 1 == curve.points.size();
    const double until = last ? *curve.repeat_s : curve.points[i + 1].at_s;
    const double then = last || curve.steps ? point.request_rate : curve.points[i + 1].request_rate;
    period.requests += (until - point.at_s) * (point.request_rate + then) / 2;
  }
  return period;
}

}  // namespace

std::optional<CurvePeriod> period_of(const RateCurve& curve, double request_rate) {
  switch (curve.kind) {
    case RateCurve::Kind::constant:
      break;
    case RateCurve::Kind::on_off:
      return CurvePeriod{curve.on_s * request_rate + curve.off_s * curve.off_rate, curve.on_s + curve.off_s,
                         2};
    case RateCurve::Kind::mmpp: {  // each state is visited as often as any other
      CurvePeriod period{.pieces = static_cast<double>(curve.states.size())};
      for (const RateCurve::State& state : curve.states) {
        period.requests += state.request_rate * state.hold_s;
        period.seconds += state.hold_s;
      }
      return period;
    }
    case RateCurve::Kind::piecewise:
      if (curve.repeat_s) return period_of_points(curve);
      break;
    case RateCurve::Kind::diurnal:
      return CurvePeriod{curve.period_s * request_rate, curve.period_s, kDiurnalPieces};
  }
  return std::nullopt;
}

double mean_rate(const ArrivalSpec& arrival) {
  using Process = ArrivalSpec::Process;
  if (arrival.process == Process::closed_loop || arrival.process == Process::at_once ||
      arrival.process == Process::servegen || !arrival.stages.empty()) {
    return 0;
  }
  if (const auto period = period_of(arrival.curve, arrival.request_rate))
    return period->requests / period->seconds;
  return arrival.curve.kind == RateCurve::Kind::piecewise ? arrival.curve.points.back().request_rate
                                                          : arrival.request_rate;
}

double requests_in(const SyntheticSpec& spec, double seconds) {
  double rate = spec.arrival ? mean_rate(*spec.arrival) : 0;
  for (const ClientSpec& client : spec.clients) rate += client.arrival ? mean_rate(*client.arrival) : 0;
  return rate * seconds;
}

RateCursor::RateCursor(const RateCurve& curve, double request_rate, RandomStream random)
    : curve_(curve), request_rate_(request_rate), random_(random), piece_(next_piece()) {}

RateCursor::Piece RateCursor::next_piece() {
  switch (curve_.kind) {
    case RateCurve::Kind::constant:
      break;
    case RateCurve::Kind::on_off: {
      const bool on = index_++ % 2 == 0;
      const double mean = on ? curve_.on_s : curve_.off_s;
      const double rate = on ? request_rate_ : curve_.off_rate;
      return {curve_.random ? exponential(random_, mean) : mean, rate, rate};
    }
    case RateCurve::Kind::mmpp: {
      const RateCurve::State& state = curve_.states[index_];
      boost::random::uniform_int_distribution<std::size_t> other(1, curve_.states.size() - 1);
      index_ = (index_ + other(random_)) % curve_.states.size();
      return {exponential(random_, state.hold_s), state.request_rate, state.request_rate};
    }
    case RateCurve::Kind::piecewise:
      return next_point();
    case RateCurve::Kind::diurnal: {
      const auto rate = [&](std::size_t i) {
        const double t = curve_.period_s * static_cast<double>(i) / kDiurnalPieces - curve_.peak_s;
        return request_rate_ * (1 + curve_.amplitude * std::cos(2 * std::numbers::pi * t / curve_.period_s));
      };
      const std::size_t i = index_;
      index_ = (index_ + 1) % kDiurnalPieces;
      return {curve_.period_s / kDiurnalPieces, rate(i), rate(i + 1)};
    }
  }
  return {kForever, request_rate_, request_rate_};
}

RateCursor::Piece RateCursor::next_point() {
  const RateCurve::Point& point = curve_.points[index_];
  if (++index_ < curve_.points.size()) {
    const RateCurve::Point& next = curve_.points[index_];
    return {next.at_s - point.at_s, point.request_rate,
            curve_.steps ? point.request_rate : next.request_rate};
  }
  index_ = curve_.repeat_s ? 0 : index_ - 1;
  const double length = curve_.repeat_s ? *curve_.repeat_s - point.at_s : kForever;
  return {length, point.request_rate, point.request_rate};
}

double RateCursor::time_of(double expected) {
  for (;;) {
    stop_if_requested();
    const double wanted = expected - expected_before_;
    if (piece_.length == kForever) return piece_.from > 0 ? piece_start_ + wanted / piece_.from : kForever;
    const double area = piece_.length * (piece_.from + piece_.to) / 2;
    if (wanted < area) {
      if (wanted <= 0) return piece_start_;  // where the rate is 0, the formula below is 0 / 0
      // from t + (to - from) t^2 / (2 length) = wanted, in the form that does not cancel.
      const double slope = (piece_.to - piece_.from) / piece_.length;
      return piece_start_ +
             2 * wanted / (piece_.from + std::sqrt(piece_.from * piece_.from + 2 * slope * wanted));
    }
    expected_before_ += area;
    piece_start_ += piece_.length;
    piece_ = next_piece();
  }
}

}  // namespace blis
