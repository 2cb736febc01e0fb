#include "sim/step_summary.h"

#include <algorithm>
#include <cassert>

namespace blis {
namespace {

// How many of each step's steady tokens belong to requests that do not count.
class LeftOut {
 public:
  explicit LeftOut(const StepPiece& piece)
      : piece_(piece), in_every_step_(piece.engine.regular_distance == 1) {}

  void add(const RequestRecord& request) {
    for_each_token_interval(piece_.engine, request, [&](StepIndex first, StepIndex last) {
      if (last <= first || last < piece_.first || first + 1 >= piece_.end) return;
      change_.resize(piece_.end - piece_.first);
      if (in_every_step_) {
        ++change_[std::max(first + 1, piece_.first) - piece_.first];
        if (last + 1 < piece_.end) --change_[last + 1 - piece_.first];
        return;
      }
      for (StepIndex i = last; i > first && i >= piece_.first; i -= piece_.engine.steps[i].distance) {
        if (i < piece_.end) ++change_[i - piece_.first];
      }
    });
  }

  // To be asked for every step, in order.
  std::int32_t at(StepIndex step) {
    if (change_.empty()) return 0;
    const std::size_t i = step - piece_.first;
    if (in_every_step_ && i > 0) change_[i] += change_[i - 1];
    return change_[i];
  }

 private:
  const StepPiece& piece_;
  bool in_every_step_;                // then only the changes from step to step are noted
  std::vector<std::int32_t> change_;  // by step from the piece's first on; empty: nothing is left out
};

}  // namespace

bool StepSummary::counts(RequestIndex index, const RequestRecord& request) const {
  return index >= options_.warmup_requests && since_start(request.arrival) >= options_.warmup &&
         has_full_answer(request);
}

void StepSummary::take(const StepPiece& piece) {
  add_figures(piece);
  add_gaps(piece);
}

void StepSummary::add_figures(const StepPiece& piece) {
  engines_.resize(std::max<std::size_t>(engines_.size(), piece.number + 1u));
  Engine sums = engines_[piece.number];
  for (StepIndex i = piece.first; i < piece.end; ++i) {
    const StepRecord& step = piece.engine.steps[i];
    const Duration took = step.end - step.start;
    const std::int32_t sequences = step.decodes + step.prefills;
    sums.busy += took;
    sums.alone += step.end - begin_after_others(piece.engine.steps, i);
    sums.block_time += Wide{took.count()} * step.used_blocks;
    sums.batch_time += Wide{took.count()} * sequences;
    sums.most_blocks = std::max(sums.most_blocks, step.used_blocks);
    sums.most_sequences = std::max(sums.most_sequences, sequences);
    sums.bound_time[step.bound] += took;
  }
  engines_[piece.number] = sums;
}

// A step's record tells the gap that most of its sequences share; what requests that do not count
// contributed is taken off again, interval by interval, in time proportional to steps and requests.
void StepSummary::add_gaps(const StepPiece& piece) {
  const StepLog& steps = piece.engine.steps;
  LeftOut left_out(piece);
  for (const RequestIndex i : piece.with_tokens) {
    if (const RequestRecord& r = piece.requests[i]; !counts(i, r)) left_out.add(r);
  }
  const std::size_t before = gaps_.size();
  gaps_.resize(std::min<std::size_t>(before + piece.end - piece.first, std::max(exact_gaps_, before)));
  Weighted* next = gaps_.data() + before;
  Weighted* const end = gaps_.data() + gaps_.size();
  for (StepIndex i = piece.first; i < piece.end; ++i) {
    const std::int64_t weight = steps[i].steady - left_out.at(i);
    assert(weight >= 0 && "a request is left out of steps that counted it");
    if (weight <= 0) continue;
    const Duration gap = steps[i].end - steps[i - steps[i].distance].end;
    if (next != end) {
      *next++ = {gap.count(), weight};
    } else {
      histogram_.add(gap.count(), weight);
    }
  }
  gaps_.resize(static_cast<std::size_t>(next - gaps_.data()));
}

void StepSummary::end(const RunResult& run) {
  histogram_.append_to(gaps_);
  for (const EngineResult& engine : run.engines) {
    for (const OddGap& odd : engine.odd_gaps) {
      if (counts(odd.request, run.requests[odd.request])) gaps_.push_back({odd.gap.count(), 1});
    }
  }
}

StepSummary::EngineFigures StepSummary::engine_figures(const RunResult& run, EngineIndex engine) const {
  if (engine >= engines_.size() || engines_[engine].busy == Duration{0}) return {};
  const Engine& sums = engines_[engine];
  const auto ns = static_cast<double>(sums.busy.count());
  EngineFigures figures{.busy = sums.alone, .batch_time = static_cast<double>(sums.batch_time)};
  figures.batch_mean = figures.batch_time / ns;
  if (run.engines[engine].num_blocks > 0) {
    const auto blocks = static_cast<double>(run.engines[engine].num_blocks);
    figures.kv_usage_mean = static_cast<double>(sums.block_time) / blocks / ns;
    figures.kv_usage_peak = sums.most_blocks / blocks;
  }
  return figures;
}

void StepSummary::fill(const RunResult& run, Metrics& m) const {
  PrefixStats prefix, external;
  Duration busy{0};
  Wide batch_time = 0;
  double usage_time = 0;
  ByPart<Duration> bound_time;
  for (std::size_t e = 0; e < run.engines.size(); ++e) {
    const EngineResult& engine = run.engines[e];
    m.steps += static_cast<std::int64_t>(engine.steps.size());
    m.preemptions += engine.preemptions;
    m.kv_blocks += engine.num_blocks;
    prefix += engine.prefix;
    external += engine.external;
    if (e >= engines_.size()) continue;
    const Engine& sums = engines_[e];
    busy += sums.busy;
    batch_time += sums.batch_time;
    m.batch_peak = std::max<std::int64_t>(m.batch_peak, sums.most_sequences);
    for (const CostPartRow& row : kCostParts) bound_time[row.part] += sums.bound_time[row.part];
    if (engine.num_blocks > 0) {
      const auto blocks = static_cast<double>(engine.num_blocks);
      usage_time += static_cast<double>(sums.block_time) / blocks;
      m.kv_usage_peak = std::max(m.kv_usage_peak, sums.most_blocks / blocks);
    }
  }
  if (prefix.queries > 0) {
    m.prefix_hit_rate = static_cast<double>(prefix.hits) / static_cast<double>(prefix.queries);
  }
  if (external.queries > 0) {
    m.external_prefix_hit_rate = static_cast<double>(external.hits) / static_cast<double>(external.queries);
  }
  if (busy > Duration{0}) {
    const auto ns = static_cast<double>(busy.count());
    m.kv_usage_mean = usage_time / ns;
    m.batch_mean = static_cast<double>(batch_time) / ns;
    for (const CostPartRow& row : kCostParts) {
      m.bound_by[row.part] = static_cast<double>(bound_time[row.part].count()) / ns;
    }
  }
}

}  // namespace blis
