#include "tools/report/result_folder.h"

#include <array>
#include <filesystem>
#include <string_view>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "tools/output/json_writer.h"
#include "tools/output/output_file.h"
#include "tools/report/host_name.h"
#include "tools/report/requests_csv.h"
#include "tools/report/series.h"

namespace blis {
namespace {

constexpr std::array<const char*, 5> kResultFiles{"requests.csv", "scenario.resolved.yaml", "series.json",
                                                  "meta.json", "result.json"};

// From the last file on, so that what is left at any moment is no complete result.
void remove_result(const std::string& folder) {
  std::error_code ignored;
  for (auto file = kResultFiles.rbegin(); file != kResultFiles.rend(); ++file) {
    std::filesystem::remove(folder + "/" + *file, ignored);
  }
}

std::string meta_json(const RunReport& report, const RunFacts& facts) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-meta/1");
  json.member("blis_version", version());
  json.member("command_line", facts.command_line);
  json.member("host", host_name());
  json.member("started", facts.started);
  json.member("wall_s", facts.wall_s);
  json.member("simulate_wall_s", facts.simulate_s);
  json.member("simulated_s", report.metrics.duration_s);
  json.member("steps_per_wall_second",
              facts.simulate_s > 0 ? static_cast<double>(report.metrics.steps) / facts.simulate_s : 0.0);
  json.end_object();
  return text + "\n";
}

}  // namespace

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder)) {
    throw InputError(ErrorKind::io,
                     Problem{.place = {.file = folder},
                             .message = "cannot be made a folder: " +
                                        (error ? error.message() : "there is a file of that name")});
  }
}

FolderLock prepare_result_folder(const std::string& folder, bool force) {
  make_folder(folder);
  FolderLock lock(folder);
  std::error_code error;
  if (lock.takes_over() && !std::filesystem::exists(folder + "/result.json", error)) remove_result(folder);
  for (const char* const file : kResultFiles) {
    const std::string path = folder + "/" + file;
    if (!force && std::filesystem::exists(path, error)) {
      throw InputError(ErrorKind::usage, Problem{.place = {.file = path},
                                                 .message = "there is a result already",
                                                 .hint = "`--force` replaces it; `-o` names another folder"});
    }
  }
  if (const std::string comparison = folder + "/compare.json"; std::filesystem::exists(comparison, error)) {
    throw InputError(ErrorKind::usage, Problem{.place = {.file = comparison},
                                               .message = "there is a comparison already",
                                               .hint = "`-o` names another folder"});
  }
  OutputFile(folder + "/result.json");  // and away again: fails now where writing would fail later
  return lock;
}

void require_finished_result(const std::string& folder) {
  std::error_code error;
  const auto there = [&](const char* file) { return std::filesystem::exists(folder + "/" + file, error); };
  if (there("result.json") || !there("requests.csv") || !there("scenario.resolved.yaml")) return;
  throw InputError(ErrorKind::io, Problem{.place = {.file = folder},
                                          .message = "the result in this folder is unfinished: its run was "
                                                     "killed, or is still going",
                                          .hint = "`blis run ... -o FOLDER` again replaces it"});
}

void write_result_folder(const std::string& folder, const RunReport& report, bool detailed,
                         const RunFacts& facts) {
  remove_result(folder);
  try {
    write_requests_csv(folder + "/requests.csv", report.run);
    write_file(folder + "/scenario.resolved.yaml", to_yaml(report.scenario, folder));
    write_file(folder + "/series.json", to_series_json(report));
    write_file(folder + "/meta.json", meta_json(report, facts));
    write_file(folder + "/result.json",
               to_result_json(report, detailed));  // last: its presence says "complete"
  } catch (...) {
    remove_result(folder);
    throw;
  }
}

}  // namespace blis
