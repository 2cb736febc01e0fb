#include "tools/conform/vector_steps.h"

#include <algorithm>

namespace blis::conform {
namespace {

// [[first, last, drafts], ...]: ranges of batch sizes, from 1 on and upwards.
std::vector<int> read_drafts(VectorFields& f, const char* key, int most) {
  std::vector<int> drafts{most};
  for (const Json& range : f.array(key)) {
    const bool numbers = range.is_array() && range.size() == 3 &&
                         std::ranges::all_of(range, [](const Json& n) { return n.is_number_integer(); });
    const auto number = [&](std::size_t i) { return numbers ? range[i].get<std::int64_t>() : 0; };
    const std::int64_t first = number(0), last = number(1), count = number(2);
    const bool follows = first >= std::ssize(drafts) && (drafts.size() > 1 || first == 1);
    if (!numbers || !follows || last < first || last > (1 << 20) || count < 0 || count > most) {
      f.problem(key, "has a range of another form",
                "[first, last, drafts], from batch size 1 on, upwards, drafts <= num_spec_tokens",
                range.dump());
      return {};
    }
    drafts.resize(static_cast<std::size_t>(first), drafts.back());  // a gap goes on as before
    drafts.resize(static_cast<std::size_t>(last) + 1, static_cast<int>(count));
  }
  if (drafts.size() == 1) f.problem(key, "is empty", "at least one range");
  return drafts;
}

Json drafts_json(const std::vector<int>& drafts) {
  Json ranges = Json::array();
  for (std::size_t i = 1; i < drafts.size(); ++i) {
    if (!ranges.empty() && ranges.back()[2] == drafts[i]) {
      ranges.back()[1] = i;
    } else {
      ranges.push_back({i, i, drafts[i]});
    }
  }
  return ranges;
}

}  // namespace

void read_step_keys(VectorFields& f, SchedulerConfig& s) {
  const int stages = f.count("pipeline_parallel_size", {1, 1024}, s.decode_interval);
  const bool v2 = f.boolean("v2_model_runner", s.decode_interval > 1);
  s.decode_interval = v2 && s.async_scheduling ? stages : 1;
  s.max_num_new_slots_for_drafting =
      f.count("max_num_new_slots_for_drafting", kCount, s.max_num_new_slots_for_drafting);
  s.multi_module_mtp = f.boolean("multi_module_mtp", s.multi_module_mtp);
  if (f.has("num_speculative_tokens_per_batch_size")) {
    s.drafts_by_batch_size = read_drafts(f, "num_speculative_tokens_per_batch_size", s.num_spec_tokens);
  }
  s.max_loras = f.count("max_loras", kCount, s.max_loras);
  s.encoder.compute_budget = f.count("encoder_compute_budget", kCount, s.encoder.compute_budget);
  s.encoder.cache_size = f.count("encoder_cache_size", kCount, s.encoder.cache_size);
  s.encoder.disable_chunked_mm_input =
      f.boolean("disable_chunked_mm_input", s.encoder.disable_chunked_mm_input);
}

void put_step_keys(const SchedulerConfig& s, Json& json) {
  if (s.decode_interval > 1) {
    json["pipeline_parallel_size"] = s.decode_interval;
    json["v2_model_runner"] = true;
  }
  if (s.max_num_new_slots_for_drafting > 0) {
    json["max_num_new_slots_for_drafting"] = s.max_num_new_slots_for_drafting;
  }
  if (s.multi_module_mtp) json["multi_module_mtp"] = true;
  if (!s.drafts_by_batch_size.empty()) {
    json["num_speculative_tokens_per_batch_size"] = drafts_json(s.drafts_by_batch_size);
  }
  if (s.max_loras > 0) json["max_loras"] = s.max_loras;
  if (s.encoder.compute_budget > 0) json["encoder_compute_budget"] = s.encoder.compute_budget;
  if (s.encoder.cache_size > 0) json["encoder_cache_size"] = s.encoder.cache_size;
  if (s.encoder.disable_chunked_mm_input) json["disable_chunked_mm_input"] = true;
}

}  // namespace blis::conform
