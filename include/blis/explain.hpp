// What is known without a simulation: a step, a model, a trace. As the JSON that `blis step`, `blis model`
// and `blis trace inspect` write.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "blis/scenario.hpp"

namespace blis {

// One batch: as `--prefill N@C` and `--decode N@C` say it. Counts from 1, contexts from 0, both up to 10^8.
struct StepBatch {
  struct Part {
    std::int64_t count = 0;    // tokens of one prompt, or sequences that decode
    std::int64_t context = 0;  // tokens that are in the KV cache already, of each
  };
  std::vector<Part> prefills{}, decodes{};
};

// One step of that batch, priced term by term. `settings` say at least `model` and `hardware.gpu`. Throws
// InputError: usage, for an empty batch, too; io.
std::string step_json(std::span<const Setting> settings, const StepBatch& batch,
                      const std::string& data_folder = {});

// The card of a model, and, if the settings name a GPU, what of it fits; `sequence_lengths` are counted then.
// Refused models have one, too. Throws InputError: usage, io.
std::string model_json(const std::string& model, std::span<const Setting> settings = {},
                       std::span<const std::int64_t> sequence_lengths = {},
                       const std::string& data_folder = {});

// What a trace is like: rate, burstiness, lengths, sessions, reuse of prefixes. `settings` are those of
// `workload` (workload.format, workload.limit, ...). Throws InputError: usage, io, with the row at fault.
std::string trace_json(const std::string& path, std::span<const Setting> settings = {});

}  // namespace blis
