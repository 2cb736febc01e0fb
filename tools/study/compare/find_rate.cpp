#include "tools/study/compare/find_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "scenarios/placed_error.h"
#include "tools/study/compare/analysis.h"
#include "tools/study/compare/comparison.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/refuse_deaths.h"

namespace blis {
namespace {

// 1.009 and the rounding to four digits keep neighbours within one per cent.
constexpr double kRatio = 1.009;
constexpr int kOctave = 77;  // about a factor of two
// From where a search starts.
constexpr int kMostOctavesUp = 16;
constexpr int kMostOctavesDown = 8;

// Finds the last index up to which all hold: first in strides of an octave from `start`, then by halves. Near
// the limit chance decides, and some may hold beyond one that does not; so with
// `look_below` the indices kBelow under what was found are tried, too, and if one of these does not hold the
// search goes on below it.
class Bisection {
 public:
  Bisection(int start, bool look_below) : start_(start), look_below_(look_below) {}

  // The index to try next; nothing when it is over.
  std::optional<int> next() const {
    const auto holds = last_that_holds(), fails = first_that_fails();
    if (!holds && !fails) return start_;
    if (!fails) {
      return *holds >= start_ + kMostOctavesUp * kOctave ? std::nullopt : std::optional(*holds + kOctave);
    }
    if (!holds) {
      return *fails <= start_ - kMostOctavesDown * kOctave ? std::nullopt : std::optional(*fails - kOctave);
    }
    if (*fails - *holds > 1) return *holds + (*fails - *holds) / 2;
    for (const int below : kBelow) {
      if (look_below_ && !known_.contains(*holds - below)) return *holds - below;
    }
    return std::nullopt;
  }
  void tell(int index, bool holds) { known_[index] = holds; }

  std::optional<int> first_that_fails() const {
    const auto found = std::ranges::find_if(known_, [](const auto& known) { return !known.second; });
    return found == known_.end() ? std::nullopt : std::optional(found->first);
  }
  // Below all that fail.
  std::optional<int> last_that_holds() const {
    std::optional<int> last;
    for (const auto& [index, holds] : known_) {
      if (!holds) break;
      last = index;
    }
    return last;
  }

 private:
  static constexpr std::array kBelow{1, 2, 4, 8, 16};

  int start_;
  bool look_below_;
  std::map<int, bool> known_;
};

std::string failure(const Row& row) {
  if (row.status == Status::overloaded) {
    const std::size_t seeds = row.point->runs.size();
    return seeds > 1 ? fmt::format("overloaded with {} of {} seeds", row.overloaded_runs, seeds)
                     : "overloaded";
  }
  for (const LimitVerdict& limit : row.limits) {
    if (limit.met) continue;
    if (std::isinf(limit.value)) return too_many_unserved(row);
    return fmt::format("{} {:.4g} {} {:.4g}", limit.target.key, limit.value,
                       limit.target.at_least ? "<" : ">", limit.target.limit);
  }
  return {};
}

// The search for one point: first the rate that holds by the means, then the one that surely holds.
class Search {
 public:
  Search(PointResult& point, double base_rate)
      : point_(point),
        base_rate_(base_rate),
        by_mean_(start_of(point, base_rate), true),
        surely_(start_of(point, base_rate), false) {}

  std::optional<int> next() {
    if (const auto index = step(by_mean_, false)) return index;
    const auto limit = by_mean_.first_that_fails();
    if (!by_mean_.last_that_holds()) return std::nullopt;
    // What fails by the means does not surely hold.
    if (limit) surely_.tell(*limit, false);
    return step(surely_, true);
  }
  double base_rate() const { return base_rate_; }

  void tell(int index, std::vector<Replication> runs) {
    PointResult trial = point_;
    trial.runs = std::move(runs);
    const Row row = analyse(trial);
    tried_[index] = {{.rate = rate_at(index),
                      .met = row.met,
                      .surely = row.met && row.verdict == Verdict::meets,
                      .failed = failure(row),
                      .request_throughput = row.value(figure_index("request_throughput")),
                      .output_throughput = row.value(figure_index("output_throughput")),
                      .limits = row.limits},
                     std::move(trial.runs)};
  }

  void finish() {
    RateSearch result;
    result.complete = !next();
    const auto rate = [](std::optional<int> index) {
      return index ? std::optional(rate_at(*index)) : std::nullopt;
    };
    result.met = rate(by_mean_.last_that_holds());
    result.fails = rate(by_mean_.first_that_fails());
    result.surely_met = rate(surely_.last_that_holds());
    for (const auto& [index, trial] : tried_) result.trials.push_back(trial.trial);
    const auto best = by_mean_.last_that_holds();
    if (best) point_.runs = tried_.at(*best).runs;
    if (!best && !tried_.empty()) point_.runs = tried_.begin()->second.runs;
    point_.search = std::move(result);
  }

 private:
  struct Tried {
    RateTrial trial;
    std::vector<Replication> runs;
  };

  // What an earlier search found, or the rate that the traffic has.
  static int start_of(const PointResult& point, double base_rate) {
    return rate_index(point.search && point.search->met ? *point.search->met : base_rate);
  }

  // What the search wants to know next and has not been tried.
  std::optional<int> step(Bisection& search, bool surely) const {
    for (;;) {
      const auto index = search.next();
      if (!index) return std::nullopt;
      const auto known = tried_.find(*index);
      if (known == tried_.end()) return index;
      search.tell(*index, surely ? known->second.trial.surely : known->second.trial.met);
    }
  }

  PointResult& point_;
  double base_rate_;
  Bisection by_mean_, surely_;
  std::map<int, Tried> tried_;
};

[[noreturn]] void refuse(const PointResult& point, std::string_view key, std::string message,
                         std::string expected) {
  throw InputError(ErrorKind::usage, {.place = origin_place(point.resolved->scenario.origins, key),
                                      .message = std::move(message),
                                      .expected = std::move(expected)});
}

// Clients that wait for their answers send no faster than they are served, whatever the rate says.
void require_open_loop(const PointResult& point) {
  const bool waits = std::visit([](const auto& spec) { return spec.max_concurrency.has_value(); },
                                point.resolved->scenario.workload.spec.kind);
  if (!waits) return;
  refuse(point, "workload.max_concurrency",
         "with `max_concurrency` clients wait for answers, and no rate is too high for them",
         "traffic without it; or --vary max-concurrency=1..64*2, which compares how many clients may wait");
}

// The point with its traffic at another rate.
PointResult at_rate(PointResult point, double from, double to) {
  auto scaled = std::make_shared<ResolvedScenario>(*point.resolved);
  scale_rates(scaled->scenario.workload.spec, from, to, scaled->scenario.origins);
  point.resolved = std::move(scaled);
  return point;
}

}  // namespace

double rate_at(int index) {
  const double exact = std::pow(kRatio, index);
  const double unit = std::pow(10.0, std::floor(std::log10(exact)) - 3);
  // Through text, so that the rate is the number that is printed.
  return std::stod(fmt::format("{:.4g}", std::round(exact / unit) * unit));
}

int rate_index(double rate) {
  int index = static_cast<int>(std::floor(std::log(rate) / std::log(kRatio))) + 1;
  while (rate_at(index) > rate) --index;
  return index;
}

void find_max_rate(std::vector<PointResult>& points, const std::vector<std::uint64_t>& seeds, Runner& runner,
                   const PointStore& store, bool resume) {
  std::vector<std::size_t> feasible;
  std::vector<PointResult> unscaled;  // of points whose rate only a run can tell
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].feasible()) continue;
    if (points[i].targets.empty()) {
      refuse(points[i], "slo", "`--find max-rate` needs an SLO to keep", "--slo p99_ttft_ms=500");
    }
    refuse_deaths(points[i]);
    require_open_loop(points[i]);
    at_rate(points[i], 1, 1);  // refuses what has no rate before anything is paid for
    feasible.push_back(i);
    if (!nominal_rate(points[i].resolved->scenario.workload.spec)) unscaled.push_back(points[i]);
  }
  simulate_points(unscaled, {.seeds = seeds}, runner, store, resume);
  const std::size_t offered = figure_index("offered_request_rate");
  std::vector<Search> searches;
  std::size_t next_measured = 0;
  for (const std::size_t i : feasible) {
    std::optional<double> base = nominal_rate(points[i].resolved->scenario.workload.spec);
    if (!base) {
      const PointResult& measured = unscaled[next_measured++];
      if (!measured.feasible()) refuse(points[i], "workload", measured.reason, "");
      if (measured.runs.empty()) return;  // interrupted
      base = measured.runs.front().figures[offered];
    }
    if (!(*base > 0)) refuse(points[i], "workload", "this traffic has no rate that could be varied", "");
    searches.emplace_back(points[i], *base);
  }
  while (runner.going_on()) {
    struct Asked {
      std::size_t search;
      int index;
    };
    std::vector<Asked> asked;
    std::vector<PointResult> trials;
    for (std::size_t s = 0; s < searches.size(); ++s) {
      const auto index = searches[s].next();
      if (!index) continue;
      asked.push_back({s, *index});
      trials.push_back(at_rate(points[feasible[s]], searches[s].base_rate(), rate_at(*index)));
    }
    if (asked.empty()) break;
    simulate_points(trials, {.seeds = seeds}, runner, store, resume);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (!trials[i].feasible()) refuse(points[feasible[asked[i].search]], "workload", trials[i].reason, "");
      if (trials[i].runs.size() < seeds_of(trials[i], seeds).size()) continue;  // interrupted
      searches[asked[i].search].tell(asked[i].index, std::move(trials[i].runs));
    }
  }
  for (Search& search : searches) search.finish();
}

}  // namespace blis
