// blis report: a result as one HTML file.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/report/html_page.h"
#include "tools/report/html_report.h"
#include "tools/study/diff/before_document.h"
#include "tools/study/diff/measured_document.h"
#include "tools/study/diff/measured_result.h"

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

void require_run(const nlohmann::ordered_json& document, const Given& given) {
  if (document["kind"] == "run") return;
  throw InputError(ErrorKind::usage,
                   Problem{.place = {given.shown},
                           .message = "a comparison is no prediction of one measurement",
                           .expected = "a folder that `blis run -o` or `blis replay -o` wrote"});
}

// What the result is drawn beside: a measurement, the run before a calibration, or both.
void add_beside(nlohmann::ordered_json& document, const std::string& folder, const Invocation& invocation) {
  const Given* const measured = invocation.find("measured");
  const Given* const before = invocation.find("before");
  if (!measured && !before) return;
  require_run(document, measured ? *measured : *before);
  const StoredResult result = read_result_figures(folder);
  std::optional<StoredResult> real;
  if (measured) {
    real = read_measured(measured->value);
    if (!invocation.has("quiet")) say_warnings(real->notes);
    document["measured"] = measured_document(result, *real);
  }
  if (before) document["before"] = before_document(read_result_figures(before->value), result, real);
}

}  // namespace

ExitCode report_command(const Invocation& invocation) {
  const std::string& folder = invocation.arguments[0];
  const std::string path = invocation.value_of("report-file", folder + "/report.html");
  if (path != "-") refuse_to_replace(path);
  nlohmann::ordered_json document = report_document(folder);
  add_beside(document, folder, invocation);
  const std::string page = html_report(document);
  if (path == "-") {
    write_to_stdout(page);
    return ExitCode::ok;
  }
  write_file(path, page);
  if (!invocation.has("quiet")) say(fmt::format("{} ({} KB)", path, (page.size() + 999) / 1000));
  return ExitCode::ok;
}

}  // namespace blis
