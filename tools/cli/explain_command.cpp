// blis explain: where the time of a result's requests went, and what would shorten it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "blis/error.hpp"
#include "scenarios/build.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/terminal.h"
#include "tools/report/result_folder.h"
#include "tools/study/explain/explain_report.h"

namespace blis {
namespace {

std::int64_t number_of(const Given& given, std::int64_t least, std::string message) {
  const std::optional<std::int64_t> number =
      whole_number(given, least, std::numeric_limits<std::int64_t>::max());
  if (!number) {
    throw InputError(ErrorKind::usage, Problem{.place = {given.shown},
                                               .message = std::move(message),
                                               .expected = fmt::format("a whole number from {} on", least),
                                               .got = given.value});
  }
  return *number;
}

// Each asks for other requests, or for none.
void require_one_question(const Invocation& invocation) {
  const Given* first = nullptr;
  for (const char* const name : {"request", "slowest", "percentile", "elasticities"}) {
    const Given* const given = invocation.find(name);
    if (given && first) {
      throw InputError(ErrorKind::usage,
                       Problem{.place = {given->shown},
                               .message = fmt::format("`{}` asks for something else", first->shown),
                               .expected = "one of --request, --slowest, --percentile and --elasticities"});
    }
    if (given) first = given;
  }
}

Selection selection_of(const Invocation& invocation, std::span<const ResultRequest> all) {
  if (const Given* id = invocation.find("request"))
    return select_request(all, number_of(*id, 0, "this is no request_id"));
  if (const Given* key = invocation.find("percentile")) return select_beyond(all, key->value);
  if (const Given* count = invocation.find("slowest")) {
    const std::int64_t slowest = number_of(*count, 1, "this is no number of requests");
    return select_slowest(all, static_cast<std::size_t>(slowest));
  }
  return select_beyond(all, "p99_e2el");
}

void require_measured(std::span<const ResultRequest> answered, const std::string& folder) {
  if (answered.empty()) {
    throw InputError(ErrorKind::usage, Problem{.place = {folder},
                                               .message = "no request of this result was answered in full",
                                               .expected = "at least one whose latency can be explained"});
  }
  if (std::ranges::all_of(answered, &ResultRequest::warmup)) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = {folder},
                             .message = fmt::format("all {} answered requests are within the warm-up, which "
                                                    "is left out: nothing was measured",
                                                    answered.size()),
                             .expected = "at least one past the warm-up",
                             .hint = "run the scenario again with a shorter `warmup`"});
  }
}

}  // namespace

ExitCode explain_command(const Invocation& invocation) {
  const std::string& folder = invocation.arguments[0];
  const bool json = json_wanted(invocation);
  require_one_question(invocation);
  require_finished_result(folder);
  const ScenarioSettings scenario =
      read_settings((std::filesystem::path(folder) / "scenario.resolved.yaml").string(), {});
  const std::vector<ResultRequest> requests = read_result_requests(folder, metrics_options(scenario));
  if (!invocation.has("request")) require_measured(requests, folder);
  if (invocation.has("elasticities")) {
    const Elasticities e = measure_elasticities(scenario, catalog_of(invocation));
    if (json) {
      write_to_stdout(to_json(e));
    } else {
      show(to_text(e));
    }
    return ExitCode::ok;
  }
  const Selection selection = selection_of(invocation, requests);
  if (json) {
    write_to_stdout(to_json(selection));
  } else {
    show(to_text(selection, shows_unicode() ? Glyphs::unicode : Glyphs::ascii));
  }
  return ExitCode::ok;
}

}  // namespace blis
