#include "tools/cli/no_scenario.h"

#include <fmt/format.h>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/import/deployment.h"

namespace blis {
namespace {

[[noreturn]] void refuse(const std::string& file, const char* message, std::string hint) {
  throw InputError(ErrorKind::usage, Problem{.place = {file},
                                             .message = message,
                                             .expected = "a scenario: SCENARIO.yaml",
                                             .hint = std::move(hint)});
}

}  // namespace

void refuse_what_is_no_scenario(const std::string& file) {
  const bool exists = is_file(file);
  if (exists && is_deployment(read_file(file, "scenario"), file)) {
    refuse(file, "this deploys a server, and is no scenario",
           fmt::format("`blis import {} -o SCENARIO.yaml` makes one of it", file));
  }
  const bool is_command = !exists && (file.find("vllm serve ") != std::string::npos ||
                                      file.find("api_server ") != std::string::npos);
  if (is_command || file.ends_with(".sh")) {
    refuse(file, "this is a command, and no scenario",
           fmt::format("`blis import {} -o SCENARIO.yaml` makes one of a server's",
                       is_command ? "'vllm serve ...'" : file));
  }
  for (const char* const ending : {".csv", ".jsonl", ".gz", ".zst"}) {
    if (!file.ends_with(ending)) continue;
    refuse(file, "this is a trace, and no scenario",
           fmt::format("`blis replay {} --model M --gpu G` replays it", file));
  }
}

}  // namespace blis
