// What metrics need of a run's steps.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/gap_histogram.h"
#include "sim/metrics.h"
#include "sim/step_reader.h"

namespace blis {

// Reads steps into the figures of the engines and into the gaps between tokens, of the requests that
// `options` count. In one piece or in many, the figures are the same, as sums are of integers; but for the
// rounding of a standard deviation, and for percentiles of more gaps than are kept as they are.
class StepSummary : public StepReader {
 public:
  // Gaps beyond so many steps go into a histogram: their percentiles are then exact to 2^-13.
  static constexpr std::size_t kExactGaps = std::size_t{1} << 22;
  static constexpr int kGapBits = 13;

  explicit StepSummary(const MetricsOptions& options = {}, std::size_t exact_gaps = kExactGaps)
      : options_(options), exact_gaps_(exact_gaps), histogram_(kGapBits) {}

  const MetricsOptions& options() const { return options_; }

  // The gaps between tokens of all requests that count (see Metrics), at least one weighted entry for
  // each step they ended with, or each bucket. Complete after finish().
  const LargeVector<Weighted>& token_gaps() const { return gaps_; }

  // What one engine did. Times of batches that overlap in a pipeline count once in `busy`.
  struct EngineFigures {
    Duration busy{0};
    double batch_time = 0;                                        // ns x sequences that it computed
    double batch_mean = 0, kv_usage_mean = 0, kv_usage_peak = 0;  // as Metrics has them of all engines
  };
  // Complete after finish(); nothing of an engine that ran no step.
  EngineFigures engine_figures(const RunResult& run, EngineIndex engine) const;

  // Sets the engines' figures of `metrics`. Complete after finish().
  void fill(const RunResult& run, Metrics& metrics) const;

 private:
  __extension__ using Wide = __int128;  // 10^6 blocks for 10^15 ns do not fit into 64 bits

  struct Engine {
    Duration busy{0};                     // of all steps
    Duration alone{0};                    // the same, without what the steps before them overlap
    Wide block_time = 0, batch_time = 0;  // ns x blocks, sequences
    std::int32_t most_blocks = 0, most_sequences = 0;
    ByPart<Duration> bound_time;
  };

  void take(const StepPiece& piece) override;
  void end(const RunResult& run) override;
  void add_figures(const StepPiece& piece);
  void add_gaps(const StepPiece& piece);
  bool counts(RequestIndex index, const RequestRecord& request) const;

  MetricsOptions options_;
  std::size_t exact_gaps_;
  std::vector<Engine> engines_;
  LargeVector<Weighted> gaps_;  // until there are too many; in the end, all
  GapHistogram histogram_;
};

}  // namespace blis
