// What becomes of requests: their ends, and the records of them.
#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "blis/error.hpp"
#include "sim/vllm/engine.h"

namespace blis {
namespace {

// Steps in a row that preempt and bring no token forward, after which requests are taken to
// preempt each other for ever. The longest honest run is a few steps a request.
constexpr std::int64_t kFruitlessSteps = 20'000;

// RequestRecord::lost of a request that was preempted before its first token and has not been
// computed since.
constexpr Duration kToBeRestarted{-1};

}  // namespace

// Spans in which requests wait, or had to go, for lack of blocks: the state between two schedules
// is that of the first.
void Engine::note_shortage(bool short_of_blocks) {
  if (short_of_blocks == short_of_blocks_) return;
  short_of_blocks_ = short_of_blocks;
  if (short_of_blocks) {
    result_.short_of_blocks.push_back({now_, kNever});
  } else {
    result_.short_of_blocks.back().to = now_;
  }
}

void Engine::note_restarts(std::span<const RequestSlot> preempted, std::size_t rank) {
  for (RequestSlot slot : preempted) {
    RequestRecord& record = records_[ranks_[rank][slot].index];
    if (record.first_token == kUnset) record.lost = kToBeRestarted;
  }
}

void Engine::note_prefills(const Batch& batch) {
  for (const Decision& decision : batch.decisions) {
    for (const Grant& grant : decision.grants) {
      RequestRecord& record = records_[grant.request];
      if (!grant.prefill || record.first_token != kUnset) continue;
      if (record.started == kUnset) record.started = batch.record.start;
      if (record.lost == kToBeRestarted) {
        record.lost = batch.record.start - record.started;
        record.prefill = Duration{0};
      }
      record.prefill += batch.record.end - batch.record.start;
    }
  }
}

void Engine::apply_aborts(std::vector<RequestIndex>& ended) {
  for (RequestIndex index : aborts_) {
    if (records_[index].outcome != Outcome::unfinished) continue;
    const Place at = may_give_up_.at(index);
    std::erase_if(inbox_, [&](const Arrival& a) { return a.rank == at.rank && a.slot == at.slot; });
    ranks_[at.rank].finish(at.slot, RequestStatus::finished_aborted);
    close(ranks_[at.rank][at.slot], ended);
  }
  aborts_.clear();
}

// Nothing is in flight, so nothing will change, and the head of a queue was refused for good.
void Engine::give_up_on_head(std::vector<RequestIndex>& ended) {
  for (Scheduler& rank : ranks_) {
    if (rank.waiting() == 0) continue;
    const std::vector<RequestSlot> skipped = rank.skipped_list();
    const RequestSlot head = skipped.empty() ? rank.waiting_list().front() : skipped.front();
    rank.finish(head, RequestStatus::finished_aborted);
    close(rank[head], ended);
    records_[rank[head].index].outcome = Outcome::never_fits;
  }
}

void Engine::fill_record(const Request& request) {
  RequestRecord& record = records_[request.index];
  record.output_tokens = request.outputs();
  record.hit_tokens = std::max(request.hit_tokens, 0);
  record.preemptions = static_cast<std::uint16_t>(std::min(request.preemptions, 0xffffu));
  if (request.tokens.first == kNoStep) return;
  keep_interval(record, request.tokens);
  if (!folding_.readers.empty()) with_tokens_.push_back(request.index);
  record.last_token = result_.steps[request.tokens.last].end;
}

void Engine::close(const Request& request, std::vector<RequestIndex>& ended) {
  fill_record(request);
  RequestRecord& record = records_[request.index];
  switch (request.status) {
    case RequestStatus::finished_length:
    case RequestStatus::finished_stopped:
      record.outcome =
          request.outputs() < request.output_tokens ? Outcome::length_capped : Outcome::completed;
      break;
    case RequestStatus::finished_error:
      record.outcome = Outcome::failed;
      record.ended = now_;
      break;
    default:
      record.outcome = Outcome::aborted;
      if (record.ended == kUnset) record.ended = now_;
  }
  if (!balances_.empty()) balances_[record.rank / ranks_per_endpoint()].ended(request.index);
  if (!may_give_up_.empty()) may_give_up_.erase(request.index);
  if (remote_kv_ && remote_kv_->forget(request.index)) {
    taking_.erase(request.index);
    pulls_.push_back({request.index, 0, now_});
  }
  if (store_) {
    may_load_.erase(request.index);
    store_->forget(request.index);
  }
  ended.push_back(request.index);
}

void Engine::keep_interval(RequestRecord& record, const TokenInterval& run) {
  const StepRecord &first = result_.steps[run.first], &last = result_.steps[run.last];
  // A step in a pipeline takes longer than its predecessor's end is away.
  record.stretch += std::min(last.stretched - first.stretched, last.end - first.end);
  const TokenInterval before = std::exchange(record.tokens, run);
  if (before.first == kNoStep) return;
  record.tokens.previous = static_cast<std::uint32_t>(result_.intervals.size());
  result_.intervals.push_back(before);
}

void Engine::guard_progress(bool preempted, std::int64_t tokens) {
  if (tokens > 0) {
    fruitless_ = 0;
  } else if (preempted && ++fruitless_ > kFruitlessSteps) {
    throw InputError(
        ErrorKind::infeasible,
        Problem{.message = "endless mutual preemption: running requests take each other's KV blocks and "
                           "none gets further, as they would in vLLM",
                .expected = "enough KV blocks for the requests that run at once",
                .got = std::to_string(result_.num_blocks) + " blocks",
                .hint = "lower engine.max_num_seqs, raise engine.gpu_memory_utilization, or use "
                        "scheduling_policy: fcfs"});
  }
}

EngineResult Engine::take_result() {
  for (Scheduler& rank : ranks_) {
    rank.land();
    for (const auto& list : {rank.running_list(), rank.waiting_list(), rank.skipped_list()}) {
      for (RequestSlot slot : list) fill_record(rank[slot]);
    }
    result_.prefix += rank.prefix_stats();
  }
  if (store_) result_.external += store_->stats();
  note_shortage(false);
  return std::move(result_);
}

}  // namespace blis
