#include "tools/study/calibrate/log_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "tools/output/json_writer.h"
#include "tools/simulate/engine_memory.h"

namespace blis {
namespace {

constexpr double kGib = 1024.0 * 1024 * 1024;
constexpr double kOtherWeights =
    0.25;  // of the predicted weights: then it is another model, or another format

[[noreturn]] void of_another_server(const Place& place, const std::string& what, const std::string& logged,
                                    const std::string& ours) {
  throw InputError(ErrorKind::io,
                   Problem{.place = place,
                           .message = fmt::format("the log is of another server: {} {}", what, logged),
                           .expected = fmt::format("{}, as the scenario has it", ours),
                           .got = logged,
                           .hint = "give the scenario the server's arguments, or the right log"});
}

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void check_parallelism(const ServerLog& log, const EngineSettings& engine) {
  const std::pair<const char*, std::int64_t> degrees[] = {
      {"tensor_parallel_size", engine.tensor_parallel_size},
      {"pipeline_parallel_size", engine.pipeline_parallel_size},
      {"data_parallel_size", engine.data_parallel_size}};
  for (const auto& [key, ours] : degrees) {
    const auto logged = log.config.find(key);
    if (logged == log.config.end()) continue;
    const auto degree = integer(logged->second.value);
    if (degree && *degree != ours) {
      of_another_server(logged->second.place, key, logged->second.value, std::to_string(ours));
    }
  }
}

class Comparison {
 public:
  Comparison(const ServerLog& log, const ResolvedScenario& scenario)
      : log_(log), scenario_(scenario), memory_(engine_memory(scenario, std::nullopt, {})) {
    result_.path = log.path;
    if (log.version) result_.version = log.version->value;
  }

  LogComparison run() {
    check_parallelism(log_, scenario_.scenario.engine);
    weights();
    kv_cache();
    graphs();
    settings();
    words("attention backend", log_.attention);
    words("sampler", log_.sampler);
    words("experts", log_.experts);
    return std::move(result_);
  }

 private:
  void figure(const char* what, const std::optional<Logged<double>>& logged, double predicted, int digits) {
    if (!logged) {
      result_.untold.emplace_back(what);
      return;
    }
    LogRow row{
        what, fmt::format("{:.{}f}", logged->value, digits), fmt::format("{:.{}f}", predicted, digits), {}};
    if (logged->value > 0) row.error_pct = 100 * (predicted / logged->value - 1);
    result_.rows.push_back(std::move(row));
  }

  double taken(std::string_view name) const {
    const auto term = std::ranges::find(memory_.taken, name, &MemoryTerm::name);
    return term == memory_.taken.end() ? 0 : term->bytes / kGib;
  }

  void weights() {
    const double predicted = taken("weights") + taken("expert_padding");
    if (log_.weights_gib && std::abs(log_.weights_gib->value - predicted) > kOtherWeights * predicted) {
      of_another_server(log_.weights_gib->place, "weights of",
                        fmt::format("{:.2f} GiB a GPU", log_.weights_gib->value),
                        fmt::format("{:.2f} GiB of `{}`", predicted, scenario_.model.name));
    }
    figure("weights, GiB a GPU", log_.weights_gib, predicted, 2);
  }

  void kv_cache() {
    figure("KV cache, GiB a GPU", log_.kv_gib, memory_.kv_bytes / kGib, 2);
    const auto predicted = static_cast<double>(memory_.kv_tokens);
    figure("KV cache, tokens", log_.kv_tokens, predicted, 0);
    if (!log_.kv_tokens || !(predicted > 0)) return;
    const double tokens_a_block = predicted / static_cast<double>(memory_.num_blocks);
    result_.num_blocks = std::llround(log_.kv_tokens->value / tokens_a_block);
    if (*result_.num_blocks != memory_.num_blocks) {
      result_.to_set.emplace_back("engine.num_gpu_blocks_override", std::to_string(*result_.num_blocks));
    }
  }

  void graphs() {
    if (!log_.graphs) {
      result_.untold.emplace_back("CUDA graph sizes");
      return;
    }
    const auto& sizes = scenario_.cuda_graph_sizes;
    const auto words = [](double count, double largest) {
      return fmt::format("{:.0f}, up to {:.0f}", count, largest);
    };
    const double largest = sizes.empty() ? 0 : *std::ranges::max_element(sizes);
    result_.rows.push_back({"CUDA graph sizes",
                            words(log_.graphs->value, log_.largest_graph->value),
                            words(static_cast<double>(sizes.size()), largest),
                            {}});
  }

  // What vLLM settles on from arguments and defaults: a difference is a setting to be taken over.
  void setting(const char* key, const std::optional<std::string>& logged, const std::string& ours) {
    if (!logged) return;
    result_.rows.push_back({key, *logged, ours, {}});
    if (*logged != ours) result_.to_set.emplace_back(fmt::format("engine.{}", key), *logged);
  }
  std::optional<std::string> configured(const char* key) const {
    const auto at = log_.config.find(key);
    if (at == log_.config.end()) return std::nullopt;
    const std::string& value = at->second.value;
    if (value == "True") return "true";
    return value == "False" ? "false" : value;
  }

  void settings() {
    const EngineSettings& engine = scenario_.scenario.engine;
    const auto yes = [](bool is) { return std::string(is ? "true" : "false"); };
    std::optional<std::string> tokens;
    if (log_.max_num_batched_tokens) tokens = fmt::format("{:.0f}", log_.max_num_batched_tokens->value);
    setting("max_num_batched_tokens", tokens, std::to_string(*engine.max_num_batched_tokens));
    setting("max_model_len", configured("max_seq_len"), std::to_string(*engine.max_model_len));
    setting("enforce_eager", configured("enforce_eager"), yes(engine.enforce_eager));
    setting("enable_prefix_caching", configured("enable_prefix_caching"), yes(*engine.enable_prefix_caching));
    setting("kv_cache_dtype", configured("kv_cache_dtype"), engine.kv_cache_dtype);
    std::optional<std::string> async;
    if (log_.async_scheduling) async = yes(log_.async_scheduling->value);
    setting("async_scheduling", async, yes(*engine.async_scheduling));
  }

  void words(const char* what, const std::optional<Logged<std::string>>& logged) {
    if (logged) result_.rows.push_back({what, logged->value, "", {}});
  }

  const ServerLog& log_;
  const ResolvedScenario& scenario_;
  EngineMemory memory_;
  LogComparison result_;
};

}  // namespace

LogComparison compare_log(const ServerLog& log, const ResolvedScenario& scenario) {
  return Comparison(log, scenario).run();
}

std::string to_text(const LogComparison& c) {
  std::string text = fmt::format("{}{}\n{:<26}{:>18}{:>18}{:>10}\n", c.path,
                                 c.version.empty() ? "" : fmt::format(", vLLM {}", c.version), "", "log",
                                 "predicted", "error");
  for (const LogRow& row : c.rows) {
    text += fmt::format("{:<26}{:>18}{:>18}", row.what, row.logged, row.predicted);
    text += row.error_pct ? fmt::format("{:>+8.1f} %\n", *row.error_pct) : "\n";
  }
  if (!c.untold.empty()) text += fmt::format("The log does not tell: {}.\n", fmt::join(c.untold, ", "));
  text += "No startup log tells how long a step takes: host and clock constants need a benchmark's result.\n";
  if (!c.to_set.empty()) text += "To simulate this server, set\n";
  for (const auto& [key, value] : c.to_set) text += fmt::format("  {}: {}\n", key, value);
  return text;
}

void write(JsonWriter& json, const LogComparison& c) {
  json.begin_object().member("log", c.path).member("vllm_version", c.version);
  json.key("rows").begin_list();
  for (const LogRow& row : c.rows) {
    json.begin_object()
        .member("what", row.what)
        .member("logged", row.logged)
        .member("predicted", row.predicted);
    if (row.error_pct) json.member("error_pct", *row.error_pct);
    json.end_object();
  }
  json.end_list();
  json.key("untold").begin_list(true);
  for (const std::string& what : c.untold) json.value(what);
  json.end_list();
  json.key("to_set").begin_object();
  for (const auto& [key, value] : c.to_set) json.member(key, value);
  json.end_object().end_object();
}

std::string to_json(const LogComparison& c) {
  std::string text;
  JsonWriter json(text);
  write(json, c);
  return text + "\n";
}

}  // namespace blis
