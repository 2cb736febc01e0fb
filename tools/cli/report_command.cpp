// blis report: a result as one HTML file.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/html_page.h"
#include "tools/report/html_report.h"

namespace blis {
namespace {

// An earlier report may be replaced; what else has the name is somebody's.
void refuse_to_replace(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  std::string start(kPageStart.size(), '\0');
  std::ifstream(path, std::ios::binary).read(start.data(), static_cast<std::streamsize>(start.size()));
  if (start == kPageStart) return;
  throw InputError(ErrorKind::usage, Problem{.place = {.file = path},
                                             .message = "is there already, and is no report",
                                             .hint = "`-o` names another file"});
}

}  // namespace

ExitCode report_command(const Invocation& invocation) {
  const std::string& folder = invocation.arguments[0];
  const std::string path = invocation.value_of("report-file", folder + "/report.html");
  if (path != "-") refuse_to_replace(path);
  const std::string page = html_report(report_document(folder));
  if (path == "-") {
    write_to_stdout(page);
    return ExitCode::ok;
  }
  write_file(path, page);
  if (!invocation.has("quiet")) say(fmt::format("{} ({} KB)", path, (page.size() + 999) / 1000));
  return ExitCode::ok;
}

}  // namespace blis
