#include "scenarios/data_folder.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "blis/error.hpp"

namespace blis {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsAboveExecutable = 3;  // build/<preset>/tools/blis lies three below the source tree

// Set by the build; see CMakeLists.txt.
#ifdef BLIS_INSTALL_DATA_DIR
constexpr const char* kInstalled = BLIS_INSTALL_DATA_DIR;
#else
constexpr const char* kInstalled = "";
#endif
#ifdef BLIS_SOURCE_DATA_DIR
constexpr const char* kSource = BLIS_SOURCE_DATA_DIR;
#else
constexpr const char* kSource = "";
#endif

bool is_data_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "hardware_config.json", ignored);
}

}  // namespace

std::vector<std::string> data_folder_candidates(const std::optional<std::string>& flag) {
  if (flag) return {*flag};
  if (const char* const variable = std::getenv("BLIS_DATA"); variable && *variable) return {variable};
  std::vector<std::string> folders;
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    fs::path folder = executable.parent_path();
    folders.push_back((folder.parent_path() / "share" / "blis").string());
    for (int level = 0; level <= kLevelsAboveExecutable; ++level, folder = folder.parent_path()) {
      folders.push_back(folder.string());
    }
  }
  for (const char* const folder : {kInstalled, kSource}) {
    if (*folder) folders.emplace_back(folder);
  }
  return folders;
}

std::string find_data_folder(const std::optional<std::string>& flag) {
  const std::vector<std::string> candidates = data_folder_candidates(flag);
  for (const std::string& folder : candidates) {
    if (is_data_folder(folder)) return folder;
  }
  throw InputError(ErrorKind::usage,
                   {.place = {flag ? "--data-dir" : ""},
                    .message = "no data folder found",
                    .expected = "a folder with hardware_config.json and model_configs/",
                    .got = fmt::format("none in {}", fmt::join(candidates, ", ")),
                    .hint = "name it with --data-dir or the environment variable BLIS_DATA"});
}

}  // namespace blis
