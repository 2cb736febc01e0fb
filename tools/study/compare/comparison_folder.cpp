#include "tools/study/compare/comparison_folder.h"

#include <filesystem>

#include "blis/error.hpp"
#include "tools/output/output_file.h"

namespace blis {

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

void write_comparison_folder(const std::string& folder, const CompareReport& report) {
  std::filesystem::remove(folder + "/compare.json");
  std::filesystem::remove_all(folder + "/shards");  // they are parts no longer
  write_file(folder + "/sweep.resolved.yaml", to_yaml(report.sweep, folder));
  write_file(folder + "/points.csv", to_csv(report));
  write_file(folder + "/compare.json", to_json(report));  // last: its presence says "complete"
}

}  // namespace blis
