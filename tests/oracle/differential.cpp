#include "tests/oracle/differential.h"

#include <algorithm>
#include <set>

#include "tests/oracle/generate.h"
#include "tests/oracle/subject.h"

namespace blis::oracle {

using namespace conform;

namespace {

// Tries smaller scenarios, keeping those that still fail.
class Shrinker {
 public:
  Shrinker(VectorScenario scenario, const std::function<bool(const VectorScenario&)>& fails, int attempts)
      : best_(std::move(scenario)), fails_(fails), attempts_(attempts) {}

  VectorScenario run() {
    for (bool smaller = true; smaller && attempts_ > 0;) {
      smaller = drop_requests();
      smaller = simplify_requests() || smaller;
      smaller = simplify_config() || smaller;
    }
    return best_;
  }

 private:
  bool keep_if_failing(const VectorScenario& candidate) {
    if (attempts_-- <= 0 || !fails_(candidate)) return false;
    best_ = candidate;
    return true;
  }

  // Without requests [begin, end), and without those that continue them.
  VectorScenario without(std::size_t begin, std::size_t end) const {
    VectorScenario rest{best_.config, {}};
    std::set<std::string> gone;
    for (std::size_t i = 0; i < best_.requests.size(); ++i) {
      const VectorRequest& r = best_.requests[i];
      const auto* more = std::get_if<Continuation>(&r.prompt);
      if ((i >= begin && i < end) || (more != nullptr && gone.contains(more->previous))) {
        gone.insert(r.id);
      } else {
        rest.requests.push_back(r);
      }
    }
    return rest;
  }

  bool drop_requests() {
    bool any = false;
    for (std::size_t size = std::max<std::size_t>(best_.requests.size() / 2, 1); size > 0; size /= 2) {
      for (std::size_t begin = 0; begin < best_.requests.size();) {
        const VectorScenario rest = without(begin, begin + size);
        if (!rest.requests.empty() && keep_if_failing(rest)) {
          any = true;
        } else {
          begin += size;
        }
      }
    }
    return any;
  }

  // Lowers a number of best_ towards `least`, by halves of the distance and then by one.
  template <class Number>
  bool lower(Number& (*field)(VectorScenario&, std::size_t), std::size_t i, Number least) {
    bool any = false;
    for (Number value = field(best_, i); value > least && attempts_ > 0;) {
      bool lowered = false;
      for (Number target :
           {least, static_cast<Number>(least + (value - least) / 2), static_cast<Number>(value - 1)}) {
        VectorScenario candidate = best_;
        field(candidate, i) = target;
        clamp_prefixes(candidate);
        if (target < value && keep_if_failing(candidate)) {
          lowered = any = true;
          value = target;
          break;
        }
      }
      if (!lowered) break;
    }
    return any;
  }

  static void clamp_prefixes(VectorScenario& s) {
    for (VectorRequest& r : s.requests) {
      if (auto* text = std::get_if<FreshText>(&r.prompt))
        text->prefix_tokens = std::min(text->prefix_tokens, text->tokens);
    }
  }

  template <class Change>
  bool attempt(Change change) {
    VectorScenario candidate = best_;
    change(candidate);
    return to_json(candidate) != to_json(best_) && keep_if_failing(candidate);
  }

  bool simplify_requests() {
    bool any = false;
    for (std::size_t i = 0; i < best_.requests.size(); ++i) {
      any |= attempt([&](VectorScenario& s) { s.requests[i].priority = 0; });
      any |= attempt([&](VectorScenario& s) { s.requests[i].cache_salt.reset(); });
      any |= attempt([&](VectorScenario& s) { s.requests[i].eos_after = 0; });
      any |= attempt([&](VectorScenario& s) { s.requests[i].abort_step = -1; });
      any |= attempt([&](VectorScenario& s) { s.requests[i].skip_cache_read = false; });
      any |= attempt([&](VectorScenario& s) { s.requests[i].arrival_time = s.requests[i].arrival_step; });
      any |= attempt([&](VectorScenario& s) {
        if (auto* text = std::get_if<FreshText>(&s.requests[i].prompt)) *text = {.tokens = text->tokens};
      });
      any |=
          lower<int>([](VectorScenario& s, std::size_t k) -> int& { return s.requests[k].max_tokens; }, i, 1);
      any |= lower<int>([](VectorScenario& s, std::size_t k) -> int& { return s.requests[k].arrival_step; },
                        i, 0);
      if (std::holds_alternative<FreshText>(best_.requests[i].prompt)) {
        any |=
            lower<int>([](VectorScenario& s,
                          std::size_t k) -> int& { return std::get<FreshText>(s.requests[k].prompt).tokens; },
                       i, 1);
        any |= lower<int>(
            [](VectorScenario& s, std::size_t k) -> int& {
              return std::get<FreshText>(s.requests[k].prompt).prefix_tokens;
            },
            i, 0);
      }
    }
    return any;
  }

  bool simplify_config() {
    const VectorConfig usual = reference_defaults();
    const SchedulerConfig& u = usual.scheduler;
    const auto set = [this](auto change) {
      return attempt([&](VectorScenario& s) { change(s.config.scheduler); });
    };
    bool any = set([&](SchedulerConfig& s) { s.async_scheduling = false, s.batch_queue_size = 1; });
    any |= set([&](SchedulerConfig& s) { s.batch_queue_size = s.async_scheduling ? 2 : 1; });
    any |= set([&](SchedulerConfig& s) { s.num_spec_tokens = s.spec_lookahead = 0, s.use_eagle = false; });
    any |= set([&](SchedulerConfig& s) { s.spec_lookahead = 0; });
    any |= set([&](SchedulerConfig& s) { s.use_eagle = false; });
    any |= set([&](SchedulerConfig& s) { s.policy = u.policy; });
    any |= set([&](SchedulerConfig& s) { s.enable_prefix_caching = u.enable_prefix_caching; });
    any |= set([&](SchedulerConfig& s) { s.enable_chunked_prefill = u.enable_chunked_prefill; });
    any |= set([&](SchedulerConfig& s) { s.long_prefill_token_threshold = 0; });
    any |= set([&](SchedulerConfig& s) { s.max_num_scheduled_tokens = 0; });
    any |= set([&](SchedulerConfig& s) { s.kv_groups = u.kv_groups; });
    any |= set([&](SchedulerConfig& s) { s.behaviour.watermark = 0; });
    any |= set([&](SchedulerConfig& s) { s.behaviour = u.behaviour; });
    any |= attempt([](VectorScenario& s) { s.config.spec_accept = 0; });
    any |= attempt([](VectorScenario& s) { s.config.prefill_schedule_interval = 1; });
    any |= lower<int>([](VectorScenario& s, std::size_t) -> int& { return s.config.scheduler.num_blocks; }, 0,
                      2);
    any |= lower<int>([](VectorScenario& s, std::size_t) -> int& { return s.config.scheduler.max_num_seqs; },
                      0, 1);
    return any;
  }

  VectorScenario best_;
  const std::function<bool(const VectorScenario&)>& fails_;
  int attempts_;
};

}  // namespace

std::optional<std::string> compare(const VectorScenario& scenario, const SchedulerFactory& expected,
                                   const SchedulerFactory& got, bool with_blocks) {
  const RunOptions options{.with_blocks = with_blocks, .max_steps = 6000};
  return first_difference(run_scenario(scenario, *expected(scenario.config), options),
                          run_scenario(scenario, *got(scenario.config), options));
}

VectorScenario shrink(VectorScenario scenario, const std::function<bool(const VectorScenario&)>& fails,
                      int attempts) {
  return Shrinker(std::move(scenario), fails, attempts).run();
}

std::string to_string(const Disagreement& d) {
  return d.scenario + ": " + d.difference + "\nreduced: " + d.minimal_difference + "\n" + d.vector;
}

std::optional<Disagreement> find_disagreement(const SchedulerFactory& subject,
                                              const DifferentialOptions& options) {
  const std::vector<std::string_view> names = profiles();
  int compared = 0;
  for (std::uint64_t n = 0; compared < options.scenarios; ++n) {
    const std::string_view profile = names[n % names.size()];
    const std::uint64_t seed = options.first_seed + n / names.size();
    const VectorScenario scenario = generate(profile, seed);
    if (options.suits && !options.suits(scenario)) continue;
    ++compared;
    const auto disagrees = [&](const VectorScenario& s) {
      return compare(s, make_scheduler, subject, options.with_blocks);
    };
    const std::optional<std::string> difference = disagrees(scenario);
    if (!difference) continue;
    // Other ways of failing do not count: a scenario that nobody can finish shows nothing.
    const VectorScenario minimal = shrink(scenario, [&](const VectorScenario& s) {
      return run_scenario(s, *make_scheduler(s.config)).broke_off.empty() && disagrees(s).has_value();
    });
    const RunTrace trace = run_scenario(minimal, *make_scheduler(minimal.config));
    Json vector{
        {"id", std::string(profile) + "-" + std::to_string(seed)}, {"kind", "run"}, {"complete", true}};
    vector.update(to_json(minimal));
    vector["expect"] = to_json(trace);
    return Disagreement{.scenario = std::string(profile) + ":" + std::to_string(seed),
                        .difference = *difference,
                        .minimal_difference = disagrees(minimal).value_or("(none)"),
                        .vector = vector.dump()};
  }
  return std::nullopt;
}

}  // namespace blis::oracle
