// blis import: a deployment's files as the file of a scenario.
#include <fmt/format.h>

#include <filesystem>

#include "scenarios/document.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/import/imported_deployment.h"
#include "tools/output/messages.h"
#include "tools/output/output_stream.h"

namespace blis {

namespace {

// Of files. A command may hold what is nobody's business.
std::string names(const std::vector<std::string>& arguments) {
  std::vector<std::string> all;
  for (const std::string& argument : arguments) all.push_back(is_file(argument) ? argument : "a command");
  return fmt::format("{}", fmt::join(all, ", "));
}

}  // namespace

ExitCode import_command(const Invocation& invocation) {
  const std::string path = invocation.value_of("output", "-");
  const std::string folder = path == "-" ? "" : std::filesystem::path(path).parent_path().string();
  const std::string wanted = invocation.value_of("engine", "");
  const ImportedDeployment imported =
      imported_deployment(invocation.arguments, wanted, overrides_of(invocation), folder);
  std::string text = fmt::format("# Made by `blis import` of {}.\n", names(invocation.arguments));
  for (const std::string& note : imported.notes) text += fmt::format("# Note: {}.\n", note);
  for (const std::string& part : imported.unused) text += fmt::format("# Not used: {}.\n", part);
  OutputStream out(path);
  out << text + imported.yaml;
  out.finish();
  if (!invocation.has("quiet")) {
    for (const std::string& note : imported.notes) say("note: " + note);
    for (const std::string& part : imported.unused) say("not used: " + part);
  }
  return ExitCode::ok;
}

}  // namespace blis
