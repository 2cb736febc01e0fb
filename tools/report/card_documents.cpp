#include "tools/report/card_documents.h"

#include <fmt/format.h>

#include <cmath>

#include "tools/output/json_writer.h"

namespace blis {
namespace {

// Digits in groups of three.
std::string grouped(double number) {
  std::string digits = fmt::format("{}", std::llround(number));
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

class Lines {
 public:
  void add(std::string_view label, std::string_view value) {
    fmt::format_to(std::back_inserter(text_), "  {:<24} {}\n", label, value);
  }
  void heading(std::string_view text) { text_.append(text).append("\n"); }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string in_words(const std::vector<CardLayers>& kinds) {
  std::string text;
  for (const CardLayers& kind : kinds) {
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", kind.count, kind.kind);
  }
  return text;
}

std::string bytes_in_words(double bytes) {
  return fmt::format("{} bytes", grouped(bytes));
}

void add_figures(Lines& lines, const ModelCard& card) {
  lines.add("type", card.model_type);
  if (!card.served_by.empty()) lines.add("served by", card.served_by);
  lines.add("layers", in_words(card.layers));
  lines.add("", in_words(card.channels));
  lines.add("parameters", grouped(card.total_params));
  lines.add("  active a token", grouped(card.active_params));
  if (card.vision_params > 0) lines.add("  in the vision tower", grouped(card.vision_params));
  if (card.audio_params > 0) lines.add("  in the audio tower", grouped(card.audio_params));
  lines.add("weights", fmt::format("{:.2f} GiB, {}", card.weights_bytes / kGiB, card.precision));
  lines.add("KV cache, a token", bytes_in_words(card.kv_bytes_per_token));
  if (card.kv_bytes_per_token_windowed > 0) {
    lines.add("  in limited layers", bytes_in_words(card.kv_bytes_per_token_windowed));
  }
  if (card.state_bytes_per_sequence > 0) {
    lines.add("state, a sequence", bytes_in_words(card.state_bytes_per_sequence));
  }
  lines.add("longest sequence",
            fmt::format("{} tokens ({})", grouped(static_cast<double>(card.max_model_len)),
                        card.max_model_len_from));
}

void add_memory(Lines& lines, const EngineMemory& memory) {
  lines.heading(memory.engine.empty() ? "\nwith the given memory for the KV cache"
                                      : fmt::format("\non {}", memory.engine));
  for (const MemoryTerm& term : memory.taken) {
    if (term.bytes > 0) lines.add(term.name, fmt::format("{:.2f} GiB a GPU", term.bytes / kGiB));
  }
  lines.add("KV cache", fmt::format("{:.2f} GiB a GPU", memory.kv_bytes / kGiB));
  lines.add("blocks",
            fmt::format("{} of {} tokens, {} group(s)", grouped(static_cast<double>(memory.num_blocks)),
                        memory.block_size, memory.kv_groups));
  lines.add("tokens, as vLLM logs", grouped(static_cast<double>(memory.kv_tokens)));
  for (const SequencesThatFit& fit : memory.sequences) {
    lines.add(fmt::format("  of {} tokens", grouped(static_cast<double>(fit.tokens))),
              fmt::format("{} sequences", grouped(static_cast<double>(fit.count))));
  }
  if (memory.engine.empty()) return;
  lines.add("least TP", memory.least_tensor_parallel
                            ? fmt::format("{}", *memory.least_tensor_parallel)
                            : fmt::format("none: a request of {} tokens does not fit", memory.max_model_len));
}

void write_kinds(JsonWriter& json, std::string_view key, const std::vector<CardLayers>& kinds) {
  json.key(key).begin_object();
  for (const CardLayers& kind : kinds) json.member(kind.kind, kind.count);
  json.end_object();
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_list();
  for (const std::string& text : texts) json.value(text);
  json.end_list();
}

void write_figures(JsonWriter& json, const ModelCard& card) {
  const auto whole = [&](double number) {
    return card.has_figures ? std::optional(std::int64_t{std::llround(number)}) : std::nullopt;
  };
  write_kinds(json, "layers", card.layers);
  write_kinds(json, "mlps", card.channels);
  json.member("total_params", whole(card.total_params));
  json.member("active_params", whole(card.active_params));
  json.member("vision_params", whole(card.vision_params));
  json.member("audio_params", whole(card.audio_params));
  json.member("weights_bytes", whole(card.weights_bytes));
  json.member("precision", card.precision);
  json.member("kv_dtype_bytes", card.kv_dtype_bytes);
  json.member("kv_bytes_per_token", whole(card.kv_bytes_per_token));
  json.member("kv_bytes_per_token_windowed", whole(card.kv_bytes_per_token_windowed));
  json.member("state_bytes_per_sequence", whole(card.state_bytes_per_sequence));
  json.member("max_model_len", whole(static_cast<double>(card.max_model_len)));
  json.member("max_model_len_from", card.max_model_len_from);
  json.member("longest_model_len", whole(static_cast<double>(card.longest)));
}

void write_memory(JsonWriter& json, const EngineMemory& memory) {
  json.member("engine", memory.engine);
  json.key("memory_bytes_per_gpu").begin_object();
  for (const MemoryTerm& term : memory.taken) json.member(term.name, term.bytes);
  json.member("kv_cache", memory.kv_bytes);
  json.end_object();
  json.member("block_size", memory.block_size);
  json.member("block_bytes", memory.block_bytes);
  json.member("num_blocks", memory.num_blocks);
  json.member("kv_groups", memory.kv_groups);
  json.member("kv_tokens", memory.kv_tokens);
  json.member("max_concurrency", memory.max_concurrency);
  json.key("sequences").begin_list();
  for (const SequencesThatFit& fit : memory.sequences) {
    json.begin_object().member("tokens", fit.tokens).member("count", fit.count).end_object();
  }
  json.end_list();
  json.member("least_tensor_parallel_size", memory.least_tensor_parallel);
}

}  // namespace

std::string card_text(const ModelCard& card, const std::optional<EngineMemory>& memory) {
  Lines lines;
  lines.heading(card_line(card));
  if (card.has_figures) add_figures(lines, card);
  for (const std::string& remark : card.remarks) lines.add("note", remark);
  for (const std::string& part : card.not_modelled) lines.add("not modelled", part);
  if (memory) add_memory(lines, *memory);
  return std::move(lines).take();
}

std::string card_json(const ModelCard& card, const std::optional<EngineMemory>& memory,
                      const std::vector<std::string>& warnings) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-model/1");
  json.member("name", card.name);
  json.member("model_type", card.model_type);
  json.member("served_by", card.served_by);
  json.member("summary", card_line(card));
  json.member("supported", card.supported);
  write_texts(json, "not_modelled", card.not_modelled);
  write_texts(json, "remarks", card.remarks);
  write_figures(json, card);
  if (memory) write_memory(json, *memory);
  write_texts(json, "warnings", warnings);
  json.end_object();
  return text + "\n";
}

}  // namespace blis
