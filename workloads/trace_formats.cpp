#include "workloads/trace_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/letter_case.h"
#include "sim/nearest_name.h"
#include "workloads/csv_rows.h"
#include "workloads/json_values.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

constexpr std::array kTraceFormats{
    TraceFormat{"azure", "Azure LLM inference traces, 2023 and 2024 and multimodal 2025 (CSV)", is_azure,
                open_azure},
    TraceFormat{"bailian", "Qwen-Bailian JSONL: chats, a hash id for each 16 tokens", is_bailian,
                open_bailian},
    TraceFormat{"timed", "vLLM's timed_trace JSONL: seconds, a hash id for each 16 tokens", is_timed,
                open_timed},
    TraceFormat{"mooncake", "Mooncake JSONL: milliseconds, a hash id for each 512 tokens", is_mooncake,
                open_mooncake},
    TraceFormat{"requests", "JSONL of ours: arrival_s, lengths, items of prompts, adapters", is_requests,
                open_requests},
    TraceFormat{"burstgpt", "BurstGPT CSV, old and new", is_burstgpt, open_burstgpt},
    TraceFormat{"llmservingsim", "LLMServingSim JSONL: requests and agents' chains of calls",
                is_llmservingsim, open_llmservingsim},
    TraceFormat{"vidur", "Vidur CSV: arrived_at, prefill and decode tokens", is_vidur, open_vidur},
    TraceFormat{"splitwise", "splitwise-sim CSV", is_splitwise, open_splitwise},
    TraceFormat{"blis", "our own requests.csv: a result as a trace", is_blis_requests, open_blis_requests},
    TraceFormat{"tracev2", "BLIS TraceV2: CSV with a YAML header", is_tracev2, open_tracev2},
    TraceFormat{"servegen", "one ServeGen client: chunk-N-trace.csv with chunk-N-dataset.json", is_servegen,
                open_servegen, RowOrder::arrival, true},
    TraceFormat{"vllm", "result of `vllm bench serve --save-detailed` (JSON)", is_vllm_bench, open_vllm_bench,
                RowOrder::completion, true},
    TraceFormat{"sglang", "result of SGLang's `bench_serving --output-details` (JSONL of one run)",
                is_sglang_bench, open_vllm_bench, RowOrder::completion, true},
    TraceFormat{"guidellm", "result of guidellm: benchmarks.json", is_guidellm, open_guidellm,
                RowOrder::completion},
    TraceFormat{"genai-perf", "result of genai-perf: profile_export.json, lengths from text and chunks",
                is_genai_perf, open_genai_perf, RowOrder::completion},
    TraceFormat{"otlp", "OpenTelemetry spans with GenAI attributes (JSONL of OTLP)", is_otlp, open_otlp,
                RowOrder::completion},
    TraceFormat{"aiperf", "result of AIPerf: profile_export.jsonl, old and new", is_aiperf, open_aiperf,
                RowOrder::completion},
    TraceFormat{"inference-perf", "result of inference-perf: per_request_lifecycle_metrics.json",
                is_inference_perf, open_inference_perf, RowOrder::completion},
    TraceFormat{"sharegpt", "ShareGPT conversations (JSON): lengths without arrival times", is_sharegpt,
                open_sharegpt},
    TraceFormat{"prompts", "JSONL of prompts, as vLLM's data set `custom`: lengths without arrival times",
                is_prompts, open_prompts},
    TraceFormat{
        "csv",
        "any log as CSV, TSV or with `;`: times, prompt and output tokens, under usual names or `columns`",
        is_csv, open_csv, RowOrder::arrival, false, true},
    TraceFormat{"jsonl", "any log as JSON lines, likewise", is_jsonl, open_jsonl, RowOrder::arrival, false,
                true},
};

const TraceFormat& format_named(std::string_view name) {
  return *std::ranges::find(kTraceFormats, name, &TraceFormat::name);
}

std::vector<std::string> format_names() {
  std::vector<std::string> names{"auto"};
  for (const TraceFormat& format : kTraceFormats) names.emplace_back(format.name);
  return names;
}

TraceHead head_of(const LineReader& lines) {
  const std::string_view text = lines.head();
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {text, line};
}

// Of a file whose columns the user names.
const TraceFormat& log_format(const LineReader& lines) {
  return format_named(head_of(lines).first_line.starts_with('{') ? "jsonl" : "csv");
}

// Of a short file: one document of JSON that ends before it is complete.
bool is_cut_short(std::string_view text) {
  constexpr std::size_t kHead = 64 << 10;  // beyond it, nobody knows here
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (text.size() >= kHead || start == std::string_view::npos) return false;
  return (text[start] == '{' || text[start] == '[') && error_offset(text) == text.size();
}

}  // namespace

std::span<const TraceFormat> trace_formats() {
  return kTraceFormats;
}

const TraceFormat& detect_format(const LineReader& lines) {
  const TraceHead head = head_of(lines);
  for (const TraceFormat& format : kTraceFormats) {
    if (format.detect(head)) return format;
  }
  if (is_cut_short(head.text)) {
    fail_file(lines.place(), {.message = "this JSON ends before it is complete: the file is cut short",
                              .hint = "copy or write it again"});
  }
  std::string known;
  for (const TraceFormat& format : kTraceFormats) {
    known += fmt::format("{}{:<16} {}", known.empty() ? "" : "\n", format.name, format.description);
  }
  fail_file(lines.place(), {.message = "this is none of the trace formats we know",
                            .expected = std::move(known),
                            .got = "a first line " + excerpt(head.first_line)});
}

OpenedTrace open_trace(const std::string& path, std::string_view name, const ReaderOptions& options) {
  const auto* const named = std::find_if(kTraceFormats.begin(), kTraceFormats.end(),
                                         [&](const TraceFormat& format) { return format.name == name; });
  if (named == kTraceFormats.end() && name != "auto") {
    const std::vector<std::string> names = format_names();
    fail_usage({.message = fmt::format("unknown trace format `{}`", name),
                .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                .hint = did_you_mean(name, names)});
  }
  LineReader lines(path);
  if (lines.head().empty()) fail_file(lines.place(), {.message = "the file is empty"});
  const bool has_view = options.log != LogView{};
  const TraceFormat& format = name != "auto" ? *named : has_view ? log_format(lines) : detect_format(lines);
  if (has_view && !format.by_columns) {
    fail_usage({.message = fmt::format(
                    "the format `{}` has columns of its own: `columns` and `where` are for logs", name),
                .expected = "`format: csv`, `jsonl` or auto"});
  }
  return {&format, format.open(std::move(lines), options)};
}

bool has_columns(const TraceHead& head, std::initializer_list<std::string_view> columns) {
  constexpr std::size_t kMaxColumns = 1000;
  CsvLine line;
  if (!line.split(head.first_line, kMaxColumns)) return false;
  const auto lower = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c != ' ' && c != '\t') out += lower_case(c);
    }
    return out;
  };
  return std::all_of(columns.begin(), columns.end(), [&](std::string_view wanted) {
    return std::any_of(line.fields.begin(), line.fields.end(),
                       [&](std::string_view field) { return lower(field) == lower(wanted); });
  });
}

bool has_keys(const TraceHead& head, std::initializer_list<std::string_view> keys) {
  if (!head.first_line.starts_with('{')) return false;
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return head.first_line.find(fmt::format("\"{}\"", key)) != std::string_view::npos;
  });
}

bool mentions(const TraceHead& head, char opening, std::initializer_list<std::string_view> keys) {
  const std::size_t start = head.text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || head.text[start] != opening) return false;
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return head.text.find(fmt::format("\"{}\"", key)) != std::string_view::npos;
  });
}

}  // namespace blis
