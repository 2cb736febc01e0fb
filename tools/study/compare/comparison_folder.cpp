#include "tools/study/compare/comparison_folder.h"

#include <filesystem>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "tools/output/json_writer.h"
#include "tools/output/output_file.h"

namespace blis {

namespace {

// A file or a folder with all that is in it, if it is there.
void remove_there(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (!error) return;
  throw InputError(ErrorKind::io,
                   {.place = {.file = path}, .message = "cannot be removed: " + error.message()});
}

std::string meta_json(const ComparisonFacts& facts) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-meta/1").member("blis_version", version());
  json.member("command_line", facts.command_line).member("started", facts.started).end_object();
  return text + "\n";
}

}  // namespace

void require_no_other_result(const std::string& folder, bool replace) {
  const std::string file = folder + "/compare.json";
  std::error_code ignored;
  if (const std::string run = folder + "/result.json"; std::filesystem::exists(run, ignored)) {
    throw InputError(ErrorKind::usage, {.place = {.file = run},
                                        .message = "there is the result of a run already",
                                        .hint = "`-o` names another folder"});
  }
  if (std::filesystem::exists(file, ignored) && !replace) {
    throw InputError(ErrorKind::usage,
                     {.place = {.file = file},
                      .message = "there is a comparison already",
                      .hint = "`--resume` completes it, `--force` replaces it; `-o` names another folder"});
  }
}

void write_comparison_folder(const std::string& folder, const CompareReport& report,
                             const std::optional<ComparisonFacts>& facts) {
  remove_there(folder + "/compare.json");
  remove_there(folder + "/shards");  // they are parts no longer
  write_file(folder + "/sweep.resolved.yaml", to_yaml(report.sweep, folder));
  remove_there(folder + "/meta.json");
  if (facts) write_file(folder + "/meta.json", meta_json(*facts));
  write_file(folder + "/points.csv", to_csv(report));
  write_file(folder + "/compare.json", to_json(report));  // last: its presence says "complete"
}

}  // namespace blis
