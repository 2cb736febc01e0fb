// Reads a whole workload into memory, for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "blis/error.hpp"
#include "workloads/workload.h"

namespace blis {

struct ReadRequest {
  RequestSpec spec;  // its prompt span is not valid: `prompt` is the copy
  std::vector<ContentRun> prompt;
};

struct ReadWorkload {
  std::vector<ReadRequest> requests;
  std::vector<std::string> warnings;
};

// Leading tokens that two prompts share by their runs.
inline std::int64_t equal_tokens(const std::vector<ContentRun>& a, const std::vector<ContentRun>& b) {
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i].content == b[i].content; ++i) {
    tokens += std::min(a[i].tokens, b[i].tokens);
    if (a[i].tokens != b[i].tokens) break;
  }
  return tokens;
}

inline ReadWorkload read_workload(const WorkloadSpec& spec) {
  ReadWorkload read;
  const auto source = open_workload(spec);
  RequestSpec request;
  while (source->next(request)) {
    read.requests.push_back({request, {request.prompt.begin(), request.prompt.end()}});
    read.requests.back().spec.prompt = {};
  }
  read.warnings = source->warnings();
  return read;
}

inline ReadWorkload read_trace(TraceSpec spec, std::uint64_t seed = 0) {
  return read_workload({.kind = std::move(spec), .seed = seed});
}

// What the first problem says when reading fails; empty if it does not.
inline std::string error_of(const WorkloadSpec& spec) {
  try {
    read_workload(spec);
  } catch (const InputError& error) {
    return to_string(error.problems().front());
  }
  return {};
}

inline std::string trace_error(TraceSpec spec) {
  return error_of({.kind = std::move(spec)});
}

inline double arrival_ms(const ReadRequest& request) {
  return to_ms(since_start(request.spec.arrival));
}

}  // namespace blis
