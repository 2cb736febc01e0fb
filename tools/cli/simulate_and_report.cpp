#include "tools/cli/simulate_and_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "blis/error.hpp"
#include "blis/simulate.hpp"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/interrupt.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/output_stream.h"
#include "tools/output/progress_bar.h"
#include "tools/output/terminal.h"
#include "tools/output/utc_now.h"
#include "tools/report/documents.h"
#include "tools/report/result_folder.h"
#include "tools/report/timeline.h"
#include "tools/simulate/report.h"
#include "tools/simulate/slo.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

using Clock = std::chrono::steady_clock;

struct OutputFormat {
  std::string_view name;
  std::string (*write)(const Report& report, bool detailed);
};
constexpr OutputFormat kOutputFormats[] = {
    {"text", nullptr},  // the command's own
    {"json", [](const Report& report, bool detailed) { return to_json(report, detailed); }},
    {"csv", [](const Report& report, bool) { return to_csv(report); }},
    {"vllm-json", [](const Report& report, bool detailed) { return to_vllm_json(report, detailed); }},
    {"markdown", [](const Report& report, bool) { return to_markdown(report.run()); }},
};

const OutputFormat& output_format(const Invocation& invocation) {
  const std::string name = invocation.value_of("output-format", "text");
  std::string names;
  for (const OutputFormat& format : kOutputFormats) {
    if (format.name == name) return format;
    names.append(names.empty() ? "" : ", ").append(format.name);
  }
  throw InputError(ErrorKind::usage, Problem{.place = {"--output-format " + name},
                                             .message = "there is no such output format",
                                             .expected = "one of " + names,
                                             .got = name});
}

// What --timeline and its companions ask for; nothing without it.
struct TimelineRequest {
  std::string path;
  TimelineWindow window;
};
std::optional<TimelineRequest> timeline_request(const Invocation& invocation) {
  const Given* const path = invocation.find("timeline");
  const Given* const window = invocation.find("timeline-window");
  const Given* const limit = invocation.find("timeline-limit");
  if (!path) {
    if (const Given* const alone = window ? window : limit) {
      throw InputError(ErrorKind::usage,
                       Problem{.place = {alone->shown}, .message = "needs --timeline FILE"});
    }
    return std::nullopt;
  }
  if (path->value == "-") {
    throw InputError(ErrorKind::usage, Problem{.place = {path->shown},
                                               .message = "the result goes to standard output",
                                               .expected = "the name of a file"});
  }
  TimelineRequest request{.path = path->value, .window = {}};
  if (window) request.window = parse_timeline_window(window->value);
  if (limit) {
    const std::optional<std::int64_t> most = parse_integer(limit->value);
    if (!most || *most < 0) {
      throw InputError(ErrorKind::usage, Problem{.place = {limit->shown},
                                                 .message = "is no number of events",
                                                 .expected = "an integer from 0 on",
                                                 .got = limit->value});
    }
    request.window.most_events = static_cast<std::size_t>(*most);
  }
  OutputStream(request.path);  // and away again: fails now where writing would fail later
  return request;
}

void write_timeline(const TimelineRequest& request, const RunResult& run, bool quiet) {
  const TimelineExtent extent = timeline_extent(run, request.window);
  OutputStream out(request.path);
  write_timeline(out, run, extent);
  out.finish();
  if (extent.truncated && !quiet) {
    fmt::print(
        stderr,
        "warning: the timeline is truncated at {:.3f} s, for the limit of {} events; --timeline-window and "
        "--timeline-limit choose what it shows\n",
        Seconds(since_start(extent.until)).count(), request.window.most_events);
  }
}

}  // namespace

ExitCode simulate_and_report(const Invocation& invocation, const Scenario& scenario, const RunText& text) {
  const auto started = Clock::now();
  const auto elapsed_s = [started] { return std::chrono::duration<double>(Clock::now() - started).count(); };
  RunFacts facts{.command_line = invocation.line, .started = utc_now()};
  const OutputFormat& format = output_format(invocation);
  const Given* const gate = invocation.find("fail-on-slo");
  if (gate) require_targets(scenario.settings().slo, gate->shown);
  const Given* const folder = invocation.find("result-dir");
  std::optional<FolderLock> lock;
  if (folder) lock.emplace(prepare_result_folder(folder->value, invocation.has("force")));

  const std::optional<TimelineRequest> timeline = timeline_request(invocation);

  const bool quiet = invocation.has("quiet");
  ProgressBar bar(!quiet && !invocation.has("no-progress") && !invocation.has("disable-tqdm"));
  watch_for_interrupt();
  const bool detailed = invocation.has("save-detailed");
  const auto going_on = [&bar](const Progress& progress) {
    bar.show(progress);
    return !interrupted();
  };
  const bool draws = folder || format.name == "text";
  const bool single = detailed || timeline || (text.needs_steps && format.name == "text");
  const StepsFor steps_for = single ? StepsFor::themselves : draws ? StepsFor::pictures : StepsFor::figures;
  const Report report = simulate(scenario, {.data_folder = catalog_of(invocation).folders(),
                                            .progress = going_on,
                                            .steps_for = steps_for,
                                            .detect_warmup = invocation.is_on("detect-warmup")});
  bar.clear();
  facts.simulate_s = elapsed_s();

  if (!quiet) say_warnings(report.warnings());
  if (folder) {
    facts.wall_s = elapsed_s();
    write_result_folder(folder->value, report.run(), detailed, facts);
  }
  if (timeline) write_timeline(*timeline, report.run().run, quiet);
  write_to_stdout(format.write ? format.write(report, detailed) : text.write(report));
  if (report.interrupted()) return ExitCode::interrupted;
  return gate && !report.meets_slo().value_or(true) ? ExitCode::gate_failed : ExitCode::ok;
}

}  // namespace blis
