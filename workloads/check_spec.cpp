#include "workloads/check_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "blis/error.hpp"
#include "workloads/bad_row.h"
#include "workloads/rate_curve.h"

namespace blis {
namespace {

constexpr double kMaxSeconds = 1e9;  // 31 years; the clock's nanoseconds end at 292
constexpr double kMaxRate = 1e9;     // requests per second: the clock's resolution
constexpr double kLeastRate = 1e-9;  // requests per second: one in kMaxSeconds
constexpr auto kMaxTokens = static_cast<double>(kMaxTokensPerRequest);

class Checker {
 public:
  void add(const std::string& key, std::string message, std::string expected = {}, std::string got = {},
           std::string hint = {}) {
    problems_.push_back({.place = {.file = key},
                         .message = std::move(message),
                         .expected = std::move(expected),
                         .got = std::move(got),
                         .hint = std::move(hint)});
  }
  // min <= value <= max, or min < value if `open`. NaN is outside.
  void number(const std::string& key, double value, double min, double max, bool open = false) {
    if ((open ? value > min : value >= min) && value <= max) return;
    add(key, "this number is out of range",
        fmt::format("{} {:g} and at most {:g}", open ? "more than" : "at least", min, max),
        fmt::format("{:g}", value));
  }
  std::size_t count() const { return problems_.size(); }
  void positive(const std::string& key, double value, double max) { number(key, value, 0, max, true); }
  void fraction(const std::string& key, double value) { number(key, value, 0, 1); }

  std::optional<Problem> first() const {
    return problems_.empty() ? std::nullopt : std::optional(problems_.front());
  }
  void finish() {
    if (!problems_.empty()) throw InputError(ErrorKind::usage, std::move(problems_));
  }

 private:
  std::vector<Problem> problems_;
};

// Draws must be possible in [low, high]; clamping bounds inside it are the user's choice.
void check(Checker& problems, const std::string& key, const Distribution& d, double low, double high) {
  using Kind = Distribution::Kind;
  const auto bound = [&](const char* name, const std::optional<double>& value) {
    if (value) problems.number(key + name, *value, low, high);
  };
  bound(".min", d.min);
  bound(".max", d.max);
  if (d.min && d.max && *d.min > *d.max)
    problems.add(key + ".min", "`min` is more than `max`", fmt::format("at most {:g}", *d.max),
                 fmt::format("{:g}", *d.min));
  const bool needs_both = d.kind == Kind::uniform || d.kind == Kind::zipf;
  if (needs_both && (!d.min || !d.max)) {
    problems.add(key, "this distribution needs `min` and `max`");
  }
  switch (d.kind) {
    case Kind::constant:
      problems.number(key + ".value", d.value, low, high);
      break;
    case Kind::normal:
      problems.number(key + ".mean", d.mean, low, high);
      problems.number(key + ".stddev", d.stddev, 0, high);
      break;
    case Kind::lognormal:
      problems.positive(key + ".mean", d.mean, high);
      problems.number(key + ".stddev", d.stddev, 0, high);
      break;
    case Kind::exponential:
      problems.positive(key + ".mean", d.mean, high);
      break;
    case Kind::zipf:
      problems.positive(key + ".exponent", d.exponent, 20);
      break;
    case Kind::empirical:
      if (d.path.empty())
        problems.add(key + ".path", "an empirical distribution needs the `path` of a trace");
      break;
    case Kind::quantiles:
      if (d.points.size() < 2) problems.add(key + ".points", "quantiles need at least two points");
      for (std::size_t i = 0; i < d.points.size(); ++i) {
        const std::string place = fmt::format("{}.points[{}]", key, i);
        problems.number(place + ".share", d.points[i].share, i == 0 ? 0 : d.points[i - 1].share, 1, i > 0);
        problems.number(place + ".value", d.points[i].value, i == 0 ? low : d.points[i - 1].value, high);
      }
      break;
    case Kind::uniform:
      break;
  }
}

// Whether requests come often enough, of a curve whose values are in range.
void check_yield(Checker& problems, const std::string& key, const std::optional<CurvePeriod>& period) {
  constexpr double kLeastPerPiece = 1e-6;
  if (!period) return;  // it goes on for ever at its last rate, or ends there
  const auto [requests, seconds, pieces] = *period;
  if (!(requests / seconds >= kLeastRate)) {
    problems.add(key, "hardly a request ever comes at these rates",
                 fmt::format("on average at least {:g} requests per second, one in 31 years", kLeastRate),
                 fmt::format("{:g}", requests / seconds));
  } else if (!(requests / pieces >= kLeastPerPiece)) {
    problems.add(key, "the rate changes too often for the requests that come",
                 fmt::format("on average at least {:g} requests between two changes", kLeastPerPiece),
                 fmt::format("{:g}: {:g} requests in {:g} s, with {:g} changes", requests / pieces, requests,
                             seconds, pieces));
  }
}

// The requests of stages, each of which is drawn as a whole.
void check_stages(Checker& problems, const std::string& key, const std::vector<ArrivalSpec::Stage>& stages) {
  double requests = 0;
  for (const ArrivalSpec::Stage& stage : stages) {
    const double here = stage.request_rate * stage.duration_s;
    requests += std::round(here);
    if (here <= kMaxRequests) continue;
    problems.add(key, "this stage has more requests than a run can",
                 fmt::format("at most {:.0f}: its rate, times its duration", kMaxRequests),
                 fmt::format("{:g} = {:g} * {:g}", here, stage.request_rate, stage.duration_s));
  }
  if (requests == 0) problems.add(key, "no stage has a request", "a rate times a duration of at least 0.5");
}

void check(Checker& problems, const std::string& key, const RateCurve& curve) {
  using Kind = RateCurve::Kind;
  switch (curve.kind) {
    case Kind::constant:
      break;
    case Kind::on_off:
      problems.positive(key + ".on_s", curve.on_s, kMaxSeconds);
      problems.positive(key + ".off_s", curve.off_s, kMaxSeconds);
      problems.number(key + ".off_rate", curve.off_rate, 0, kMaxRate);
      break;
    case Kind::mmpp: {
      double fastest = 0;
      for (const RateCurve::State& state : curve.states) {
        problems.number(key + ".states.request_rate", state.request_rate, 0, kMaxRate);
        problems.positive(key + ".states.hold_s", state.hold_s, kMaxSeconds);
        fastest = std::max(fastest, state.request_rate);
      }
      if (curve.states.size() < 2) problems.add(key + ".states", "an MMPP needs at least two states");
      if (fastest == 0) problems.add(key + ".states", "no state has a request rate above 0");
      break;
    }
    case Kind::piecewise: {
      if (curve.points.empty()) problems.add(key + ".points", "a piecewise curve needs points");
      double fastest = 0;
      for (std::size_t i = 0; i < curve.points.size(); ++i) {
        const RateCurve::Point& point = curve.points[i];
        const std::string place = fmt::format("{}.points[{}]", key, i);
        problems.number(place + ".at_s", point.at_s, i == 0 ? 0 : curve.points[i - 1].at_s, kMaxSeconds);
        problems.number(place + ".request_rate", point.request_rate, 0, kMaxRate);
        fastest = std::max(fastest, point.request_rate);
      }
      if (!curve.points.empty() && curve.points.front().at_s != 0) {
        problems.add(key + ".points[0].at_s", "the first point must be at 0");
      }
      if (!curve.points.empty() && fastest == 0) problems.add(key + ".points", "no point has a rate above 0");
      if (curve.repeat_s && !curve.points.empty()) {
        problems.number(key + ".repeat_s", *curve.repeat_s, curve.points.back().at_s, kMaxSeconds,
                        curve.points.back().at_s == 0);
      }
      if (curve.exact && !(curve.steps && curve.repeat_s)) {
        problems.add(key + ".exact", "the requests of a step can be counted only where steps begin and end",
                     "`steps: true` and `repeat_s` beside `exact: true`");
      }
      break;
    }
    case Kind::diurnal:
      problems.positive(key + ".period_s", curve.period_s, kMaxSeconds);
      problems.fraction(key + ".amplitude", curve.amplitude);
      problems.number(key + ".peak_s", curve.peak_s, -kMaxSeconds, kMaxSeconds);
      break;
  }
}

void check(Checker& problems, const std::string& key, const ArrivalSpec& arrival) {
  using Process = ArrivalSpec::Process;
  using Curve = RateCurve::Kind;
  const bool has_curve = arrival.curve.kind != Curve::constant;
  switch (arrival.process) {
    case Process::gamma:
      problems.positive(key + ".burstiness", arrival.burstiness, 1e6);
      break;
    case Process::weibull:
      problems.number(key + ".shape", arrival.shape, 0.05, 1e6);
      break;
    case Process::closed_loop:
      problems.number(key + ".users", static_cast<double>(arrival.users), 1, 1e6);
      problems.number(key + ".ramp_up_s", arrival.ramp_up_s, 0, kMaxSeconds);
      break;
    case Process::servegen:
      if (arrival.path.empty())
        problems.add(key + ".path", "ServeGen arrivals need the `path` of a client file");
      break;
    case Process::normalized_exponential:
      for (const ArrivalSpec::Stage& stage : arrival.stages) {
        problems.positive(key + ".stages.request_rate", stage.request_rate, kMaxRate);
        problems.positive(key + ".stages.duration_s", stage.duration_s, kMaxSeconds);
      }
      problems.number(key + ".drain_gap_s", arrival.drain_gap_s, 0, kMaxSeconds);
      break;
    case Process::poisson:
    case Process::constant:
    case Process::at_once:
      break;
  }
  const bool is_renewal = arrival.process == Process::poisson || arrival.process == Process::gamma ||
                          arrival.process == Process::weibull || arrival.process == Process::constant;
  if (has_curve && !is_renewal) {
    problems.add(key + ".curve", "this arrival process has no rate that could follow a curve",
                 "process poisson, gamma, weibull or constant");
  }
  const bool curve_has_rates = arrival.curve.kind == Curve::mmpp || arrival.curve.kind == Curve::piecewise;
  const bool stages_have = arrival.process == Process::normalized_exponential && !arrival.stages.empty();
  const bool needs_rate = (is_renewal && !curve_has_rates) ||
                          (arrival.process == Process::normalized_exponential && !stages_have);
  const std::size_t before = problems.count();
  if (needs_rate) problems.number(key + ".request_rate", arrival.request_rate, kLeastRate, kMaxRate);
  check(problems, key + ".curve", arrival.curve);
  if (stages_have && problems.count() == before) check_stages(problems, key + ".stages", arrival.stages);
  if (is_renewal && problems.count() == before) {
    check_yield(problems, key + ".curve", period_of(arrival.curve, arrival.request_rate));
  }
}

void check(Checker& problems, const std::string& key, const ClientSpec& client) {
  if (client.share) problems.fraction(key + ".share", *client.share);
  if (client.arrival) check(problems, key + ".arrival", *client.arrival);
  if (client.lengths_path.empty()) {
    check(problems, key + ".input_tokens", client.input_tokens, 1, kMaxTokens);
    check(problems, key + ".output_tokens", client.output_tokens, 1, kMaxTokens);
  }
  if (client.prefix) {
    problems.number(key + ".prefix.groups", static_cast<double>(client.prefix->groups), 1, 1e7);
    check(problems, key + ".prefix.tokens", client.prefix->tokens, 1, kMaxTokens);
  }
  if (client.prompts)
    problems.number(key + ".prompts.pool", static_cast<double>(client.prompts->pool), 1, 1e7);
  if (client.session) {
    check(problems, key + ".session.turns", client.session->turns, 1, 1e6);
    check(problems, key + ".session.think_time_s", client.session->think_time_s, 0, kMaxSeconds);
    if (client.session->max_context_tokens) {
      problems.number(key + ".session.max_context_tokens",
                      static_cast<double>(*client.session->max_context_tokens), 2, kMaxTokens);
    }
    if (client.prompts) {
      problems.add(key + ".prompts",
                   "a session's prompts grow with its conversation; a fixed pool cannot be "
                   "used with `session`");
    }
  }
  if (client.images) {
    check(problems, key + ".images.count", client.images->count, 0, 1000);
    check(problems, key + ".images.tokens", client.images->tokens, 1, 1'000'000);
    if (client.images->pool) {
      problems.number(key + ".images.pool", static_cast<double>(*client.images->pool), 1, 1e7);
    }
  }
  problems.fraction(key + ".structured_output", client.structured_output);
  if (client.timeout_s) problems.positive(key + ".timeout_s", *client.timeout_s, kMaxSeconds);
  if (client.max_tokens)
    problems.number(key + ".max_tokens", static_cast<double>(*client.max_tokens), 1, kMaxTokens);
}

// The shares of the clients that use the common arrivals.
void check_shares(Checker& problems, const SyntheticSpec& spec) {
  double given = 0;
  int unset = 0;
  int users = 0;
  for (const ClientSpec& client : spec.clients) {
    if (client.arrival && client.share) {
      problems.add("workload.clients",
                   fmt::format("client `{}` has both a `share` and an `arrival`", client.name));
    }
    if (client.arrival) continue;
    ++users;
    given += client.share.value_or(0);
    unset += client.share ? 0 : 1;
  }
  if (users > 0 && !spec.arrival) problems.add("workload.arrival", "there is no `arrival`");
  if (users == 0 && spec.arrival) {
    problems.add("workload.arrival", "every client has its own `arrival`, so nobody uses this one");
  }
  constexpr double kRounding = 1e-6;
  if (users > 0 && (given > 1 + kRounding || (unset == 0 && given < 1 - kRounding))) {
    problems.add("workload.clients", "the shares of the clients do not add up to 1", {},
                 fmt::format("{:g}", given));
  }
}

// What `duration_s` asks for, where nothing else bounds it.
void check_requests(Checker& problems, const SyntheticSpec& spec) {
  const auto at_once = [](const std::optional<ArrivalSpec>& arrival) {
    return arrival && arrival->process == ArrivalSpec::Process::at_once;
  };
  if (at_once(spec.arrival) ||
      std::ranges::any_of(spec.clients, [&](const ClientSpec& c) { return at_once(c.arrival); })) {
    problems.add("workload.duration_s", "of requests that are all sent at once no duration bounds the number",
                 "`num_requests`");
    return;
  }
  const double requests = requests_in(spec, *spec.duration_s);
  if (requests <= kMaxRequests) return;
  problems.add("workload.duration_s", "this is more requests than a run can have",
               fmt::format("at most {:.0f}: the rate, times the duration", kMaxRequests),
               fmt::format("{:g}", requests));
}

}  // namespace

std::optional<Problem> mistake_in(const Distribution& distribution, double low, double high) {
  Checker problems;
  check(problems, "", distribution, low, high);
  return problems.first();
}

void check(const TraceSpec& spec) {
  Checker problems;
  if (spec.path.empty()) problems.add("workload.path", "there is no path");
  problems.number("workload.time_scale", spec.time_scale, 1e-6, 1e6);
  if (spec.limit) problems.number("workload.limit", static_cast<double>(*spec.limit), 1, 1e15);
  problems.number("workload.start_s", spec.start_s, 0, kMaxSeconds);
  if (spec.end_s) problems.number("workload.end_s", *spec.end_s, spec.start_s, kMaxSeconds, true);
  problems.number("workload.dither_ms", spec.dither_ms, 0, 1e3 * kMaxSeconds);
  if (spec.arrival) {
    check(problems, "workload.arrival", *spec.arrival);
    if (spec.arrival->process == ArrivalSpec::Process::closed_loop) {
      problems.add("workload.arrival.process", "a trace cannot be replayed by closed-loop users",
                   "an open-loop process", "closed_loop",
                   "`process: at_once` with `max_concurrency` sends the next row when one ends");
    }
    if (spec.arrival->stages.size() > 1) {
      problems.add("workload.arrival.stages", "a trace cannot be replayed in stages", "one stage");
    }
  }
  if (spec.tokens_per_image) problems.number("workload.tokens_per_image", *spec.tokens_per_image, 0, 1e6);
  if (spec.chars_per_token) problems.number("workload.chars_per_token", *spec.chars_per_token, 0.1, 100);
  if (spec.output_tokens)
    problems.number("workload.output_tokens", static_cast<double>(*spec.output_tokens), 1, kMaxTokens);
  if (spec.timeout_s) problems.positive("workload.timeout_s", *spec.timeout_s, kMaxSeconds);
  if (spec.max_concurrency) {
    problems.number("workload.max_concurrency", static_cast<double>(*spec.max_concurrency), 1, 1e9);
  }
  problems.finish();
}

void check(const SyntheticSpec& spec) {
  Checker problems;
  if (spec.num_requests) {
    problems.number("workload.num_requests", static_cast<double>(*spec.num_requests), 1, kMaxRequests);
  }
  if (spec.duration_s) problems.positive("workload.duration_s", *spec.duration_s, kMaxSeconds);
  if (!spec.num_requests && !spec.duration_s) {
    problems.add("workload", "a synthetic workload needs `num_requests` or `duration_s`");
  }
  if (spec.max_concurrency) {
    problems.number("workload.max_concurrency", static_cast<double>(*spec.max_concurrency), 1, 1e9);
  }
  if (spec.clients.empty()) problems.add("workload.clients", "there is no client");
  const bool single = spec.clients.size() == 1 && spec.clients.front().name.empty();
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    check(problems, single ? "workload" : fmt::format("workload.clients[{}]", i), spec.clients[i]);
  }
  if (spec.arrival) check(problems, "workload.arrival", *spec.arrival);
  check_shares(problems, spec);
  if (problems.count() == 0 && spec.duration_s && !spec.num_requests) check_requests(problems, spec);
  problems.finish();
}

}  // namespace blis
