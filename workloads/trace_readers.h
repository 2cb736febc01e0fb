// The functions behind the rows of kTraceFormats, each pair in NAME_trace.cpp. `is_NAME` looks at
// the beginning of a file; `open_NAME` takes over the opened file.
#pragma once

#include "workloads/trace_formats.h"

namespace blis {

bool is_azure(const TraceHead& head);
std::unique_ptr<TraceReader> open_azure(LineReader lines, const ReaderOptions& options);

bool is_bailian(const TraceHead& head);
std::unique_ptr<TraceReader> open_bailian(LineReader lines, const ReaderOptions& options);

bool is_timed(const TraceHead& head);
std::unique_ptr<TraceReader> open_timed(LineReader lines, const ReaderOptions& options);

bool is_mooncake(const TraceHead& head);
std::unique_ptr<TraceReader> open_mooncake(LineReader lines, const ReaderOptions& options);

bool is_burstgpt(const TraceHead& head);
std::unique_ptr<TraceReader> open_burstgpt(LineReader lines, const ReaderOptions& options);

bool is_llmservingsim(const TraceHead& head);
std::unique_ptr<TraceReader> open_llmservingsim(LineReader lines, const ReaderOptions& options);

bool is_vidur(const TraceHead& head);
std::unique_ptr<TraceReader> open_vidur(LineReader lines, const ReaderOptions& options);

bool is_splitwise(const TraceHead& head);
std::unique_ptr<TraceReader> open_splitwise(LineReader lines, const ReaderOptions& options);

bool is_tracev2(const TraceHead& head);
std::unique_ptr<TraceReader> open_tracev2(LineReader lines, const ReaderOptions& options);

bool is_servegen(const TraceHead& head);
std::unique_ptr<TraceReader> open_servegen(LineReader lines, const ReaderOptions& options);

bool is_sharegpt(const TraceHead& head);
std::unique_ptr<TraceReader> open_sharegpt(LineReader lines, const ReaderOptions& options);

bool is_prompts(const TraceHead& head);
std::unique_ptr<TraceReader> open_prompts(LineReader lines, const ReaderOptions& options);

bool is_vllm_bench(const TraceHead& head);
std::unique_ptr<TraceReader> open_vllm_bench(LineReader lines, const ReaderOptions& options);

bool is_sglang_bench(const TraceHead& head);

bool is_guidellm(const TraceHead& head);
std::unique_ptr<TraceReader> open_guidellm(LineReader lines, const ReaderOptions& options);

bool is_genai_perf(const TraceHead& head);
std::unique_ptr<TraceReader> open_genai_perf(LineReader lines, const ReaderOptions& options);

bool is_otlp(const TraceHead& head);
std::unique_ptr<TraceReader> open_otlp(LineReader lines, const ReaderOptions& options);

bool is_aiperf(const TraceHead& head);
std::unique_ptr<TraceReader> open_aiperf(LineReader lines, const ReaderOptions& options);

bool is_inference_perf(const TraceHead& head);
std::unique_ptr<TraceReader> open_inference_perf(LineReader lines, const ReaderOptions& options);

bool is_requests(const TraceHead& head);
std::unique_ptr<TraceReader> open_requests(LineReader lines, const ReaderOptions& options);

bool is_blis_requests(const TraceHead& head);
std::unique_ptr<TraceReader> open_blis_requests(LineReader lines, const ReaderOptions& options);

bool is_csv(const TraceHead& head);
std::unique_ptr<TraceReader> open_csv(LineReader lines, const ReaderOptions& options);

bool is_jsonl(const TraceHead& head);
std::unique_ptr<TraceReader> open_jsonl(LineReader lines, const ReaderOptions& options);

// For `is_NAME`. The names of a CSV header line are compared without regard to case; `columns` must
// all be there, in any order.
bool has_columns(const TraceHead& head, std::initializer_list<std::string_view> columns);
// Whether the file starts with a JSON object that mentions these keys in its first line.
bool has_keys(const TraceHead& head, std::initializer_list<std::string_view> keys);
// Whether the file starts with `opening` ({ or [) and its beginning mentions these keys anywhere.
bool mentions(const TraceHead& head, char opening, std::initializer_list<std::string_view> keys);

}  // namespace blis
