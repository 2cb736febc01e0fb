#include "tools/score/traffic.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <chrono>
#include <map>

#include "blis/error.hpp"
#include "tools/score/load_generators.h"
#include "workloads/random.h"

namespace blis {
namespace {

constexpr Duration kDrainGap = std::chrono::seconds(1);  // inference-perf between its stages
constexpr Duration kHeldBack = std::chrono::seconds(1);  // a lag beyond this is a client at its limit
// Text decoded from random tokens and tokenized again is longer: 4.3 to 5.1 % in the runs that recorded it.
constexpr double kRetokenized = 1.05;

// Content names: streams that prompts share.
constexpr ContentId kCommonPrefix = 1;
constexpr ContentId kGroups = 1'000;
constexpr ContentId kPool = 1'000'000;
constexpr ContentId kRequests = 1'000'000'000;

std::int32_t retokenized(std::int64_t tokens) {
  return static_cast<std::int32_t>(std::lround(static_cast<double>(tokens) * kRetokenized));
}

// Prompts of the pool: a group's system prompt, then a question of its own.
class PooledPrompts {
 public:
  PooledPrompts(const PromptPool& pool, std::uint64_t seed) : system_(retokenized(pool.system_tokens)) {
    for (std::int64_t i = 0; i < pool.distinct; ++i)
      group_.push_back(i % std::max<std::int64_t>(1, pool.groups));
    RandomStream random = random_stream(seed, "accuracy.groups");
    for (std::size_t i = group_.size(); i > 1; --i) std::swap(group_[i - 1], group_[random() % i]);
  }
  std::vector<ContentRun> prompt(std::int64_t index, std::int32_t tokens) const {
    const auto at = static_cast<std::size_t>(index) % group_.size();
    const std::int32_t system = std::min(system_, tokens - 1);
    std::vector<ContentRun> runs;
    if (system > 0) runs.push_back({kGroups + static_cast<ContentId>(group_[at]), system});
    runs.push_back({kPool + static_cast<ContentId>(index), tokens - system});
    return runs;
  }

 private:
  std::int32_t system_;
  std::vector<std::int64_t> group_;
};

std::vector<ContentRun> first_tokens(const std::vector<ContentRun>& runs, std::int32_t tokens) {
  std::vector<ContentRun> cut;
  for (const ContentRun& run : runs) {
    if (tokens <= 0) break;
    cut.push_back({run.content, std::min(run.tokens, tokens)});
    tokens -= run.tokens;
  }
  return cut;
}

// Where only the length of what was seen before is known: the earlier prompt that is just as long, as the
// turn before is, and of these the last.
std::vector<ContentRun> continued(const std::vector<std::vector<ContentRun>>& earlier,
                                  std::span<const RecordedRequest> requests, std::size_t i) {
  const auto seen = static_cast<std::int32_t>(*requests[i].seen_tokens);
  std::vector<ContentRun> runs;
  const std::vector<ContentRun>* best = nullptr;
  std::int32_t length = 0;
  for (std::size_t j = 0; j < i; ++j) {
    const std::int32_t tokens = requests[j].input_tokens;
    if (tokens < seen || (best && tokens > length)) continue;
    best = &earlier[j], length = tokens;
  }
  if (best) runs = first_tokens(*best, seen);
  const std::int32_t rest = requests[i].input_tokens - (best ? seen : 0);
  if (rest > 0) runs.push_back({kRequests + i, rest});
  return runs;
}

class RecordedPrompts {
 public:
  RecordedPrompts(const MeasuredCase& measured, std::span<const RecordedRequest> requests)
      : measured_(measured), requests_(requests), pool_(measured.pool, 0) {}

  std::vector<ContentRun> of(std::size_t i) {
    const RecordedRequest& r = requests_[i];
    if (r.prompt && measured_.pool.distinct > 0) return pool_.prompt(*r.prompt, r.input_tokens);
    if (r.prompt) return {{kPool + static_cast<ContentId>(*r.prompt), r.input_tokens}};
    if (r.seen_tokens) {
      contents_.resize(i);
      contents_.push_back(*r.seen_tokens > 0 ? continued(contents_, requests_, i)
                                             : std::vector<ContentRun>{{kRequests + i, r.input_tokens}});
      return contents_.back();
    }
    if (measured_.common_prefix_tokens) {
      const auto common = static_cast<std::int32_t>(
          std::min<std::int64_t>(*measured_.common_prefix_tokens, r.input_tokens - 1));
      if (common > 0) return {{kCommonPrefix, common}, {kRequests + i, r.input_tokens - common}};
    }
    return {};
  }

 private:
  const MeasuredCase& measured_;
  std::span<const RecordedRequest> requests_;
  PooledPrompts pool_;
  std::vector<std::vector<ContentRun>> contents_;
};

[[noreturn]] void unknown(const MeasuredCase& c, const char* what) {
  throw InputError(ErrorKind::io, Problem{.message = fmt::format("case {} does not say {}", c.id, what)});
}

}  // namespace

Traffic replay(const MeasuredCase& measured, std::span<const RecordedRequest> requests) {
  const std::vector<RecordedRequest> all(requests.begin(), requests.end());
  const bool held_back = send_lag(all) > kHeldBack;
  RecordedPrompts prompts(measured, requests);
  std::map<int, PlannedStage> stages;
  std::map<int, Duration> starts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const RecordedRequest& r = requests[i];
    const Duration at = held_back ? r.intended : r.sent;
    const auto [start, is_first] = starts.try_emplace(r.stage, at);
    if (!is_first) start->second = std::min(start->second, at);
    stages[r.stage].requests.push_back({at, r.input_tokens, r.output_tokens, prompts.of(i), !r.failed});
  }
  Traffic traffic{.stages = {}, .gap = kDrainGap};
  for (auto& [index, stage] : stages) {
    stage.index = index;
    if (held_back) stage.max_in_flight = most_in_flight(all);
    for (const LoadStage& load : measured.stages) {
      if (load.index == index && load.strategy == "synchronous") stage.max_in_flight = 1;
    }
    for (PlannedRequest& r : stage.requests)
      r.at = stage.max_in_flight == 1 ? Duration{0} : r.at - starts[index];
    std::ranges::stable_sort(stage.requests, {}, &PlannedRequest::at);
    traffic.stages.push_back(std::move(stage));
  }
  return traffic;
}

Traffic offered_at_once(const MeasuredCase& measured, std::span<const RecordedRequest> lengths) {
  Traffic traffic;
  PlannedStage& stage = traffic.stages.emplace_back();
  stage.max_in_flight = measured.max_concurrency;
  for (const RecordedRequest& r : lengths) {
    stage.requests.push_back(
        {.prompt_tokens = r.input_tokens, .output_tokens = r.output_tokens, .prompt = {}});
  }
  if (!lengths.empty()) return traffic;
  if (measured.num_requests < 1) unknown(measured, "how many requests it had");
  if (!measured.nominal_prompt_tokens || !measured.output_tokens) {
    unknown(measured, "how long its prompts and outputs are");
  }
  const PlannedRequest each{.prompt_tokens = static_cast<std::int32_t>(*measured.nominal_prompt_tokens),
                            .output_tokens = static_cast<std::int32_t>(*measured.output_tokens),
                            .prompt = {}};
  stage.requests.assign(static_cast<std::size_t>(measured.num_requests), each);
  return traffic;
}

Traffic generate(const MeasuredCase& measured, std::uint64_t seed) {
  if (measured.stages.empty()) unknown(measured, "what its stages are");
  if (!measured.output_tokens) unknown(measured, "how long its outputs are");
  if (!measured.nominal_prompt_tokens && !measured.mean_prompt_tokens) {
    unknown(measured, "how long its prompts are");
  }
  const std::int32_t prompt_tokens =
      measured.mean_prompt_tokens ? static_cast<std::int32_t>(std::lround(*measured.mean_prompt_tokens))
                                  : retokenized(*measured.nominal_prompt_tokens);
  const PooledPrompts prompts(measured.pool, seed);
  RandomStream random = random_stream(seed, "accuracy.arrivals");
  boost::random::exponential_distribution<double> gap;
  Traffic traffic{.stages = {}, .gap = kDrainGap};
  for (const LoadStage& load : measured.stages) {
    if (!load.rate_rps || !load.duration_s) unknown(measured, "the rate and duration of every stage");
    PlannedStage& stage = traffic.stages.emplace_back();
    stage.index = load.index;
    const auto count = load.num_requests.value_or(std::llround(*load.rate_rps * *load.duration_s));
    std::vector<double> times;
    double now = 0;
    for (std::int64_t i = 0; i < count; ++i) times.push_back(now += gap(random));
    for (std::int64_t i = 0; i < count; ++i) {
      PlannedRequest& r = stage.requests.emplace_back();
      r.at = to_duration(Seconds(times[static_cast<std::size_t>(i)] / now * *load.duration_s));
      r.prompt_tokens = prompt_tokens;
      r.output_tokens = static_cast<std::int32_t>(*measured.output_tokens);
      if (measured.pool.distinct > 0) r.prompt = prompts.prompt(i % measured.pool.distinct, prompt_tokens);
    }
  }
  return traffic;
}

Traffic closed_loop(const MeasuredCase& measured, std::int64_t concurrency, std::uint64_t seed) {
  if (!measured.nominal_prompt_tokens || !measured.output_tokens) {
    unknown(measured, "how long its prompts and outputs are");
  }
  const LoadGenerator generator = find_generator(measured.generator);
  RandomStream random = random_stream(seed, "accuracy.lengths");
  const auto draw = [&](std::int64_t nominal) {
    const auto least = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(static_cast<double>(nominal) * generator.shortest));
    boost::random::uniform_int_distribution<std::int64_t> length(least, nominal);
    return static_cast<std::int32_t>(length(random));
  };
  Traffic traffic;
  for (const auto& [index, per_user] : {std::pair{-1, generator.warm_ups}, std::pair{0, generator.prompts}}) {
    PlannedStage& stage = traffic.stages.emplace_back();
    stage.index = index;
    stage.max_in_flight = concurrency;
    for (std::int64_t i = 0; i < per_user * concurrency; ++i) {
      PlannedRequest& r = stage.requests.emplace_back();
      r.prompt_tokens = draw(*measured.nominal_prompt_tokens);
      r.output_tokens = draw(*measured.output_tokens);
      r.scored = index >= 0;
    }
  }
  return traffic;
}

}  // namespace blis
