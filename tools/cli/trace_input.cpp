#include "tools/cli/trace_input.h"

#include "scenarios/build.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"

namespace blis {

WorkloadSpec trace_workload(const Invocation& invocation) {
  const std::string& trace = invocation.arguments[0];
  const std::string command = "blis " + std::string(invocation.command->name);
  std::vector<Override> overrides{
      {"version", "1", command}, {"workload.kind", "trace", command}, {"workload.path", trace, trace}};
  for (Override& override : overrides_of(invocation)) overrides.push_back(std::move(override));
  return located_workload(parse_settings("", "trace", "", overrides, Scope::traffic));
}

WorkloadSpec scenario_workload(const Invocation& invocation) {
  return located_workload(read_settings(invocation.arguments[0], overrides_of(invocation), Scope::traffic));
}

void print_warnings(const Invocation& invocation, const std::vector<std::string>& warnings) {
  if (invocation.has("quiet")) return;
  say_warnings(warnings);
}

}  // namespace blis
