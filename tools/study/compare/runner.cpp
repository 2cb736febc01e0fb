#include "tools/study/compare/runner.h"

#include <mutex>

#include "sim/stop_request.h"
#include "tools/simulate/pool.h"

namespace blis {

std::vector<std::optional<Replication>> Runner::run(std::span<const RunJob> jobs, const Done& done,
                                                    const Failed& failed) {
  std::vector<std::optional<Replication>> results(jobs.size());
  if (options_.instead) {
    if (!jobs.empty()) options_.instead();
    return results;
  }
  std::mutex mutex;
  parallel_for(jobs.size(), options_.threads, [&](std::size_t i) {
    if (!options_.going_on()) return;
    const ReplicationOptions how{.bands = jobs[i].bands};
    try {
      results[i] = replicate(*jobs[i].scenario, jobs[i].seed, how, traces_, options_.going_on);
    } catch (const Interrupted&) {
      return;
    } catch (const CannotGoOn& error) {
      if (!failed) throw;
      const std::lock_guard lock(mutex);
      failed(i, error);
      return;
    }
    if (!results[i]) return;
    const std::lock_guard lock(mutex);
    if (done) done(i, *results[i]);
    bar_.show_runs(++done_, expected_);
  });
  return results;
}

}  // namespace blis
