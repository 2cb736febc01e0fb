#include "tools/cli/flag_scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "scenarios/traffic_flags.h"
#include "tools/cli/flag_overrides.h"

namespace blis {

namespace {

// Where a flag or an axis of a comparison sets a key that begins so.
bool sets(const Invocation& invocation, const std::vector<Override>& given, std::string_view key) {
  const auto begins = [&](const Override& o) { return o.key.starts_with(key); };
  if (std::ranges::any_of(given, begins)) return true;
  return std::ranges::any_of(invocation.all("vary"), [&](const Given* vary) {
    const std::string name = vary->value.substr(0, vary->value.find('='));
    return begins(override_named(key_of_flag(name), "", ""));
  });
}

// What traffic flags leave to vLLM's benchmark, in front of them.
std::vector<Override> traffic_defaults(const Invocation& invocation) {
  const std::string by_default = "default of `vllm bench serve`";
  std::vector<Override> all{{"workload.kind", "synthetic", "flags"},
                            {"workload.arrival", "{process: at_once}", by_default}};
  const Given* const users = invocation.find("max-concurrency");
  if (!invocation.has("duration")) {
    all.push_back({"workload.num_requests", "1000", by_default});
  } else if (users && !invocation.has("request-rate")) {
    // Requests at once would have no end; users that wait for their answers have one.
    all.push_back(
        {"workload.arrival", fmt::format("{{process: closed_loop, users: {}}}", users->value), users->shown});
  }
  return all;
}

}  // namespace

std::vector<Override> flag_scenario(const Invocation& invocation) {
  const std::vector<Override> given = overrides_of(invocation);
  const bool whole = std::ranges::any_of(given, [](const Override& o) { return o.key == "workload"; });
  std::vector<std::string> missing;
  if (!sets(invocation, given, "model")) missing.emplace_back("--model MODEL");
  if (!sets(invocation, given, "hardware.gpu")) missing.emplace_back("--gpu GPU");
  if (!whole && !sets(invocation, given, "workload.input_tokens")) missing.emplace_back("--input-len N");
  if (!whole && !sets(invocation, given, "workload.output_tokens")) missing.emplace_back("--output-len N");
  if (!missing.empty()) {
    throw InputError(ErrorKind::usage,
                     Problem{.message = fmt::format("`blis {}` without a scenario's file needs {}",
                                                    invocation.command->name, fmt::join(missing, ", ")),
                             .expected = fmt::format(
                                 "a file, or blis {} --model M --gpu G --input-len 1000 --output-len 200 "
                                 "--request-rate 5",
                                 invocation.command->name)});
  }
  std::vector<Override> all{{"version", "1", "flags"}, {"name", "flags", "flags"}};
  if (!whole) {
    for (Override& one : traffic_defaults(invocation)) all.push_back(std::move(one));
  }
  all.insert(all.end(), given.begin(), given.end());
  return all;
}

std::vector<Override> overrides_for(const Invocation& invocation, const std::string& file) {
  std::vector<Override> given = overrides_of(invocation);
  if (file == "-" || !sets(invocation, given, "workload.input_tokens")) return given;
  const Document document = parse_yaml(read_file(file, "scenario"), file);
  if (document.root.kind != Node::Kind::map || document.root.find("workload")) return given;
  std::vector<Override> all = traffic_defaults(invocation);
  all.insert(all.end(), given.begin(), given.end());
  return all;
}

}  // namespace blis
