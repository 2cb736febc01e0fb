// Sessions whose later rows say what they add, as AIPerf's do: the prompt of each is all before it, answers
// included, and what it adds.
#pragma once

#include <unordered_map>
#include <vector>

#include "workloads/trace_reader.h"

namespace blis {

class SessionIncrements {
 public:
  // Makes the whole prompt of a row that follows the one before it in its session (`wait`), and names its
  // answer, so that the next finds it; a row of its own time begins anew. False, with the row untouched, if
  // the prompt would have more than kMaxTokensPerRequest tokens.
  bool extend(TraceRow& row);

 private:
  struct Talk {
    std::vector<ContentRun> said;
    std::int64_t tokens = 0;
    std::uint64_t turns = 0;
  };
  std::unordered_map<std::uint64_t, Talk> talks_;
};

}  // namespace blis
