// blis trace inspect: what a trace is like.

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/trace_input.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/terminal.h"
#include "tools/report/trace_report.h"
#include "workloads/trace_stats.h"

namespace blis {
namespace {

InspectOptions inspect_options(const Invocation& invocation) {
  InspectOptions options;
  const std::vector<const Given*> sizes = invocation.all("cache-tokens");
  if (!sizes.empty()) options.cache_tokens.clear();
  for (const Given* const given : sizes) {
    const std::optional<std::int64_t> tokens = whole_number(*given, 1, 1'000'000'000'000);
    if (!tokens) {
      throw InputError(ErrorKind::usage, Problem{.place = {given->shown},
                                                 .message = "this is no size of a cache",
                                                 .expected = "a whole number of tokens, 1 to 10^12",
                                                 .got = given->value});
    }
    options.cache_tokens.push_back(*tokens);
  }
  return options;
}

}  // namespace

ExitCode trace_inspect_command(const Invocation& invocation) {
  const bool json = json_wanted(invocation);
  const WorkloadSpec workload = trace_workload(invocation);
  const std::string& name = invocation.arguments[0];
  const TraceStats stats = inspect_trace(std::get<TraceSpec>(workload.kind), inspect_options(invocation));
  print_warnings(invocation, stats.warnings);
  if (json) {
    write_to_stdout(to_json(stats, name));
  } else {
    show(to_text(stats, name, terminal_width(), shows_unicode() ? Glyphs::unicode : Glyphs::ascii));
  }
  return ExitCode::ok;
}

}  // namespace blis
