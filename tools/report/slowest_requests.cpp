#include "tools/report/slowest_requests.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/metrics.h"
#include "tools/report/stored_requests.h"

namespace blis {
namespace {

using nlohmann::ordered_json;

ordered_json ns(Time t) {
  return since_start(t).count();
}

// What the page shows of a request; the parts of its latency come after these.
struct Column {
  const char* name;
  ordered_json (*of)(const StoredRequest&);
};
constexpr Column kColumns[] = {
    {"request_id", [](const StoredRequest& s) -> ordered_json { return s.id; }},
    {"replica", [](const StoredRequest& s) -> ordered_json { return s.record.replica; }},
    {"arrival_ns", [](const StoredRequest& s) { return ns(s.record.arrival); }},
    {"queued_ns", [](const StoredRequest& s) { return ns(s.record.queued); }},
    {"scheduled_ns", [](const StoredRequest& s) { return ns(s.record.scheduled); }},
    {"first_token_ns", [](const StoredRequest& s) { return ns(s.record.first_token); }},
    {"last_token_ns", [](const StoredRequest& s) { return ns(s.record.last_token); }},
    {"input_tokens", [](const StoredRequest& s) -> ordered_json { return s.record.input_tokens; }},
    {"output_tokens", [](const StoredRequest& s) -> ordered_json { return s.record.output_tokens; }},
    {"hit_tokens", [](const StoredRequest& s) -> ordered_json { return s.record.hit_tokens; }},
    {"preemptions", [](const StoredRequest& s) -> ordered_json { return s.record.preemptions; }},
};

// Keeps the requests of the largest keys; of equal ones the earlier.
class Largest {
 public:
  explicit Largest(std::size_t count) : count_(count) {}

  void offer(Duration key, const StoredRequest& request) {
    if (kept_.size() == count_ && (count_ == 0 || key <= kept_.back().first)) return;
    const auto place =
        std::ranges::upper_bound(kept_, key, std::greater{}, &std::pair<Duration, StoredRequest>::first);
    kept_.emplace(place, key, request);
    if (kept_.size() > count_) kept_.pop_back();
  }

  bool has(Part part) const {
    return std::ranges::any_of(kept_,
                               [&](const auto& kept) { return kept.second.parts[part] > Duration{0}; });
  }

  ordered_json rows(std::span<const Part> parts) const {
    ordered_json rows = ordered_json::array();
    for (const auto& [key, request] : kept_) {
      ordered_json row = ordered_json::array();
      for (const Column& column : kColumns) row.push_back(column.of(request));
      for (const Part part : parts) row.push_back(request.parts[part].count());
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  std::size_t count_;
  std::vector<std::pair<Duration, StoredRequest>> kept_;
};

}  // namespace

ordered_json slowest_requests(const std::string& path, std::size_t count, const MetricsOptions& warmup,
                              const std::function<void(const RequestRecord&)>& measured) {
  PastWarmup past_warmup(warmup);
  Largest by_e2e(count), by_ttft(count);
  std::int64_t requests = 0;
  read_requests_csv(path, [&](const StoredRequest& stored) {
    ++requests;
    const RequestRecord& r = stored.record;
    if (!past_warmup(r) || !has_full_answer(r)) return;
    measured(r);
    by_e2e.offer(r.last_token - r.arrival, stored);
    by_ttft.offer(r.first_token - r.arrival, stored);
  });
  ordered_json result;
  result["requests"] = requests;
  result["columns"] = ordered_json::array();
  for (const Column& column : kColumns) result["columns"].push_back(column.name);
  std::vector<Part> parts;
  for (const Part part : kAllParts) {
    if (!is_rare(part) || by_e2e.has(part) || by_ttft.has(part)) parts.push_back(part);
  }
  for (const Part part : parts) result["columns"].push_back(std::string(to_string(part)) + "_ns");
  result["by_e2e"] = by_e2e.rows(parts);
  result["by_ttft"] = by_ttft.rows(parts);
  return result;
}

}  // namespace blis
