// Runs replications of many points on several threads; what comes out does not depend on how many.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tools/output/progress_bar.h"
#include "tools/study/compare/replication.h"

namespace blis {

struct RunJob {
  const ResolvedScenario* scenario = nullptr;
  std::uint64_t seed = 0;
  const ErrorBands* bands = nullptr;
};

class Runner {
 public:
  struct Options {
    int threads = 1;
    std::function<bool()> going_on = [] { return true; };  // false stops what runs; asked from any thread
    std::function<void()> instead{};  // called in the place of any run: nothing is to be simulated here
  };
  Runner(Options options, ProgressBar& bar) : options_(std::move(options)), bar_(bar) {}

  // By job; unset where it was stopped before its end, or could not go on. `done` or `failed` is called for
  // each as it ends, one at a time; without `failed` a job that cannot go on ends them all.
  using Done = std::function<void(std::size_t job, const Replication&)>;
  using Failed = std::function<void(std::size_t job, const CannotGoOn&)>;
  std::vector<std::optional<Replication>> run(std::span<const RunJob> jobs, const Done& done = {},
                                              const Failed& failed = {});

  // How many runs are known to come, for the progress bar; 0 if nobody knows.
  void expect(std::size_t runs) { expected_ = runs; }
  bool going_on() const { return options_.going_on(); }
  int threads() const { return options_.threads; }

 private:
  Options options_;
  ProgressBar& bar_;
  TraceStore traces_;
  std::size_t expected_ = 0, done_ = 0;
};

}  // namespace blis
