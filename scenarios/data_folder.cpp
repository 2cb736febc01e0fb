#include "scenarios/data_folder.h"

#include <fmt/format.h>
#include <sys/auxv.h>

#include <algorithm>
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

// An empty root has no /proc, but the kernel has said what it started.
fs::path this_program() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) return executable;
  const auto* const started = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return started == nullptr ? fs::path() : fs::absolute(started, error);
}

std::vector<std::string> data_folder_candidates(const std::optional<std::string>& flag) {
  if (flag) return {*flag};
  if (const char* const variable = std::getenv("BLIS_DATA"); variable && *variable) return {variable};
  std::vector<std::string> folders;
  const fs::path executable = this_program();
  if (!executable.empty()) {
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
    if (std::ranges::any_of(data_folders_in(folder), is_data_folder)) return folder;
  }
  throw InputError(ErrorKind::usage,
                   {.place = {flag ? "--data-dir" : ""},
                    .message = "no data folder found",
                    .expected = "a folder with hardware_config.json and model_configs/",
                    .got = fmt::format("none in {}", fmt::join(candidates, ", ")),
                    .hint = "name it with --data-dir or the environment variable BLIS_DATA"});
}

std::vector<std::string> data_folders_in(std::string_view list) {
  std::vector<std::string> folders;
  for (std::size_t colon = list.find(':'); colon != std::string_view::npos; colon = list.find(':')) {
    if (colon > 0) folders.emplace_back(list.substr(0, colon));
    list.remove_prefix(colon + 1);
  }
  if (!list.empty() || folders.empty()) folders.emplace_back(list);
  return folders;
}

void require_data_folder(const std::string& folder) {
  std::error_code ignored;
  if (is_data_folder(folder) || fs::is_directory(fs::path(folder) / "model_configs", ignored)) return;
  throw InputError(ErrorKind::usage, {.place = {"--data-dir"},
                                      .message = "this is no data folder",
                                      .expected = "a folder with hardware_config.json or model_configs/",
                                      .got = folder});
}

std::string find_data_folders(std::span<const std::string> flags) {
  std::string all;
  for (const std::string& flag : flags) {
    require_data_folder(flag);
    all += flag + ":";
  }
  return all + find_data_folder(std::nullopt);
}

}  // namespace blis
