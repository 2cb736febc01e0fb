// A reader for JSONL traces that name the blocks of each prompt by hash ids: Mooncake, Bailian and
// vLLM's timed_trace differ in the unit of time and in how many tokens an id stands for.
#pragma once

#include <memory>

#include "workloads/trace_formats.h"
#include "workloads/trace_reader.h"

namespace blis {

struct HashedFormat {
  Duration time_unit;         // of `timestamp`
  std::int32_t block_tokens;  // of a hash id
};

// Fields: `timestamp`, `input_length`, `output_length`, and `hash_ids` or nothing of them, one id for
// each block, the last of which may be partial. Also NVIDIA Dynamo's `created_time`, `input_tokens`
// and `output_tokens` for the first three, `session_id`, and `delay` or `delay_ms`: how long after
// the previous row of its session ended a row is sent. Bailian's `chat_id` and `parent_chat_id`
// become sessions. Where rows that wait are shorter than what was said before them, they hold what they add.
std::unique_ptr<TraceReader> open_hashed(LineReader lines, const HashedFormat& format);

// How many tokens a hash id stands for, 16 or 512, by the first rows whose numbers allow only one; 0
// if none does.
std::int32_t hash_block_tokens(const TraceHead& head);

}  // namespace blis
