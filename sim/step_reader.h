// Who sums up the steps of a run. A summary reads each step once, in order, so that a long run need not
// keep them: what every reader has read can be forgotten.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/run_result.h"

namespace blis {

// Successive steps of one engine: [first, end). The log still holds them, and before them as many as
// tokens of one request are apart.
struct StepPiece {
  EngineIndex number = 0;
  const EngineResult& engine;
  StepIndex first = 0, end = 0;
  std::span<const RequestRecord> requests;    // by RequestIndex
  std::span<const RequestIndex> with_tokens;  // every request with tokens in these steps, and perhaps
                                              // others; none of them gets any more
};

class StepReader {
 public:
  virtual ~StepReader() = default;

  // Pieces of an engine come in the order of their steps, without gaps.
  void read(const StepPiece& piece);
  // The steps of a finished run that it has not read.
  void finish(const RunResult& run);
  // Steps of the engine that it has read: from the first on.
  StepIndex read_until(EngineIndex engine) const { return engine < read_.size() ? read_[engine] : 0; }

 protected:
  StepReader() = default;
  StepReader(const StepReader&) = default;
  StepReader(StepReader&&) = default;
  StepReader& operator=(const StepReader&) = default;
  StepReader& operator=(StepReader&&) = default;

 private:
  virtual void take(const StepPiece& piece) = 0;
  virtual void end(const RunResult&) {}  // all has been taken

  std::vector<StepIndex> read_;  // by engine
};

// How a run's memory is bounded: once more than `keep` steps are held, all engines together, those that no
// request in the system got a token in, nor any later one, are read by everybody and forgotten. Without
// readers all are kept.
struct Folding {
  std::vector<StepReader*> readers{};
  std::size_t keep = std::size_t{1} << 20;
};

}  // namespace blis
