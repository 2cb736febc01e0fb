#include "tools/study/explain/result_requests.h"

#include <filesystem>

#include "sim/metrics.h"
#include "tools/report/stored_requests.h"

namespace blis {

std::vector<ResultRequest> read_result_requests(const std::string& folder, const MetricsOptions& warmup) {
  PastWarmup past_warmup(warmup);
  std::vector<ResultRequest> requests;
  const std::string path = (std::filesystem::path(folder) / "requests.csv").string();
  read_requests_csv(path, [&](const StoredRequest& stored) {
    const RequestRecord& r = stored.record;
    const bool measured = past_warmup(r);
    if (!has_full_answer(r)) return;
    requests.push_back({.id = stored.id,
                        .replica = r.replica,
                        .arrival = since_start(r.arrival),
                        .ttft = ttft(r),
                        .e2el = e2el(r),
                        .input_tokens = r.input_tokens,
                        .output_tokens = r.output_tokens,
                        .hit_tokens = r.hit_tokens,
                        .preemptions = r.preemptions,
                        .parts = stored.parts,
                        .warmup = !measured});
  });
  return requests;
}

}  // namespace blis
