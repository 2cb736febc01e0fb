#include "scenarios/hf_cache.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace blis {
namespace {

namespace fs = std::filesystem;

fs::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value ? value : "");
  };
  for (const char* const name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const std::string folder = variable(name); !folder.empty()) return folder;
  }
  if (const std::string home = variable("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  if (const std::string home = variable("XDG_CACHE_HOME"); !home.empty())
    return fs::path(home) / "huggingface" / "hub";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "huggingface" / "hub";
}

bool has_config(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "config.json", ignored);
}

}  // namespace

bool is_model_id(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size() ||
      name.find('/', slash + 1) != std::string_view::npos || name.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '-' || c == '_' || c == '.';
  });
}

std::string cached_snapshot(std::string_view id) {
  const fs::path cache = cache_folder();
  if (!is_model_id(id) || cache.empty()) return {};
  std::string name(id);
  name.replace(name.find('/'), 1, "--");
  return snapshot_in((cache / ("models--" + name)).string());
}

std::string snapshot_in(const std::string& folder) {
  const fs::path repository(folder);
  std::string commit;
  std::getline(std::ifstream(repository / "refs" / "main") >> std::ws, commit);
  while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back())) != 0) commit.pop_back();
  if (!commit.empty() && has_config(repository / "snapshots" / commit))
    return (repository / "snapshots" / commit).string();
  fs::path newest;
  fs::file_time_type written;
  std::error_code error;
  for (fs::directory_iterator entry(repository / "snapshots", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const fs::file_time_type time = fs::last_write_time(entry->path(), ignored);
    if (!has_config(entry->path()) || (!newest.empty() && time <= written)) continue;
    newest = entry->path();
    written = time;
  }
  return newest.string();
}

}  // namespace blis
