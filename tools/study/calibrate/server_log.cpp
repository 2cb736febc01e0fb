// Sources of the lines: github.com/vllm-project/vllm, v0.8 to 2026-08: v1/engine/core.py,
// v1/core/kv_cache_utils.py, v1/worker/gpu_worker.py, v1/worker/gpu_model_runner.py, platforms/cuda.py,
// v1/sample/ops/topk_topp_sampler.py, model_executor/layers/quantization/mxfp4.py, config/scheduler.py.
#include "tools/study/calibrate/server_log.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "workloads/line_reader.h"

namespace blis {
namespace {

// The number that follows `words` in the line, thousands parted by commas.
std::optional<double> number_after(std::string_view line, std::string_view words) {
  const std::size_t at = line.find(words);
  if (at == line.npos) return std::nullopt;
  line.remove_prefix(at + words.size());
  line.remove_prefix(std::min(line.find_first_not_of(" ="), line.size()));
  std::string digits;
  for (const char c : line) {
    if ((c < '0' || c > '9') && c != '.' && c != ',') break;
    if (c != ',') digits += c;
  }
  while (digits.ends_with('.')) digits.pop_back();
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string_view between(std::string_view line, std::string_view from, std::string_view to) {
  const std::size_t at = line.find(from);
  if (at == line.npos) return {};
  line.remove_prefix(at + from.size());
  return line.substr(0, std::min(line.find(to), line.size()));
}

template <class T>
void take(std::optional<Logged<T>>& field, T value, const Place& place) {
  if (!field) field = Logged<T>{std::move(value), place};
}
// Ranks log the same; the engine goes by the one that has least.
void take_least(std::optional<Logged<double>>& field, std::optional<double> value, const Place& place) {
  if (value && (!field || *value < field->value)) field = Logged<double>{*value, place};
}

// The top level of `key=value, key=value`: values may be quoted, or hold brackets with commas of their own.
void read_config(std::string_view text, const Place& place, ServerLog& log) {
  std::size_t start = 0, depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      if (depth > 0) --depth;
    }
    if (i < text.size() && (c != ',' || quote != 0 || depth > 0)) continue;
    std::string_view pair = text.substr(start, i - start);
    start = i + 1;
    const std::size_t equal = pair.find('=');
    if (equal == pair.npos) continue;
    std::string_view key = pair.substr(0, equal), value = pair.substr(equal + 1);
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') {
      value = value.substr(1, value.size() - 2);
    }
    log.config.try_emplace(std::string(key), Logged<std::string>{std::string(value), place});
  }
}

// `"cudagraph_capture_sizes": [512, 504, ..., 1]`, in either kind of quotes.
void read_graphs(std::string_view line, const Place& place, ServerLog& log) {
  const std::string_view key = between(line, "cudagraph_capture_sizes", "]");
  const std::string_view list = key.substr(std::min(key.find('['), key.size()));
  if (list.size() < 2) return;
  double most = 0, count = 0;
  for (std::size_t i = 1; i < list.size();) {
    int size = 0;
    const auto [end, error] = std::from_chars(list.data() + i, list.data() + list.size(), size);
    if (error == std::errc{}) most = std::max<double>(most, size), ++count;
    i = error == std::errc{} ? static_cast<std::size_t>(end - list.data()) : i + 1;
  }
  take(log.largest_graph, most, place);
  take(log.graphs, count, place);
}

void read_backends(std::string_view line, const Place& place, ServerLog& log) {
  const auto said = [&](std::optional<Logged<std::string>>& field, std::string_view from,
                        std::string_view to) {
    if (const std::string_view name = between(line, from, to); !name.empty() && name.size() < 40) {
      take(field, std::string(name), place);
    }
  };
  said(log.attention, "Using AttentionBackendEnum.", " backend");
  if (line.find("attention backend out of") != line.npos) said(log.attention, "Using ", " attention backend");
  if (line.find("backend on V1 engine") != line.npos) said(log.attention, "Using ", " backend on V1 engine");
  if (line.find("mxfp4.py") != line.npos || line.find("MoE backend") != line.npos) {
    said(log.experts, "Using ", " backend");
  }
  if (line.find("Using FlashInfer for top-p & top-k sampling") != line.npos) {
    take(log.sampler, std::string("FlashInfer"), place);
  } else if (line.find("top-p & top-k sampling") != line.npos ||
             line.find("top-p/top-k sampling disabled") != line.npos) {
    take(log.sampler, std::string("native"), place);
  }
}

void read_line(std::string_view line, const Place& place, ServerLog& log) {
  const auto number = [&](std::optional<Logged<double>>& field, std::string_view words) {
    take_least(field, number_after(line, words), place);
  };
  number(log.kv_tokens, "GPU KV cache size:");
  number(log.kv_gib, "Available KV cache memory:");
  number(log.weights_gib, "Model loading took");
  number(log.max_num_batched_tokens, "enabled with max_num_batched_tokens");
  if (line.find("Graph capturing finished") != line.npos) number(log.graphs_gib, "took");
  if (line.find("Asynchronous scheduling is") != line.npos) {
    take(log.async_scheduling, line.find("is enabled") != line.npos, place);
  }
  if (const std::string_view version = between(line, "LLM engine (v", ")"); !version.empty()) {
    take(log.version, std::string(version), place);
  }
  if (const std::size_t at = line.find("with config: "); at != line.npos) {
    const std::string_view config = line.substr(at + std::string_view("with config: ").size());
    const auto known = log.config.find("model");
    read_config(config, place, log);
    const std::string_view model = between(config, "model='", "'");
    if (known != log.config.end() && !model.empty() && model != known->second.value) {
      throw InputError(ErrorKind::io, Problem{.place = place,
                                              .message = "two servers' logs are in one file",
                                              .expected = "the log of one start",
                                              .got = known->second.value + " and " + std::string(model)});
    }
  }
  read_graphs(line, place, log);
  read_backends(line, place, log);
}

}  // namespace

ServerLog read_server_log(const std::string& path) {
  ServerLog log;
  log.path = path;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) read_line(line, lines.place(), log);
  const bool is_vllm = log.kv_tokens || log.kv_gib || log.weights_gib || log.version || !log.config.empty();
  if (is_vllm) return log;
  throw InputError(ErrorKind::io,
                   Problem{.place = {path},
                           .message = "nothing in it is a line of vLLM's startup",
                           .expected = "`GPU KV cache size`, `Model loading took`, `with config:`",
                           .hint = "docker logs SERVER 2>&1 > server.log"});
}

}  // namespace blis
