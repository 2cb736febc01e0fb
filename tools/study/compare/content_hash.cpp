#include "tools/study/compare/content_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "workloads/random.h"

namespace blis {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPiece = 1 << 20;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(const std::string& path) {
  throw InputError(
      ErrorKind::io,
      {.place = {path}, .message = fmt::format("cannot read this file: {}", std::strerror(errno))});
}

// Eight bytes at a time, in the order of the machine, which is the same on all that are in use.
std::uint64_t hash_of_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file && errno == ENOENT) return 0;  // a file that may be there, such as quantization beside a config
  if (!file) fail(path);
  std::vector<char> buffer(kPiece + sizeof(std::uint64_t));
  std::uint64_t hash = 0;
  std::uint64_t size = 0;
  for (;;) {
    const std::size_t read = read_bytes(file.get(), std::span(buffer).first(kPiece));
    if (std::ferror(file.get())) fail(path);
    size += read;
    // The last word of the last piece is filled up with zeros.
    std::memset(buffer.data() + read, 0, sizeof(std::uint64_t));
    for (std::size_t i = 0; i < read; i += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, buffer.data() + i, sizeof(word));
      hash = mix_bits(hash ^ word);
    }
    if (read < kPiece) return mix_bits(hash ^ size);
  }
}

}  // namespace

std::uint64_t ContentHashes::of_file(const std::string& path) {
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  const std::int64_t changed = fs::last_write_time(path, ignored).time_since_epoch().count();
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(path);
    if (found != known_.end() && found->second.size == size && found->second.changed == changed) {
      return found->second.hash;
    }
  }
  const std::uint64_t hash = hash_of_file(path);
  const std::lock_guard lock(mutex_);
  known_[path] = {size, changed, hash};
  return hash;
}

std::uint64_t ContentHashes::of(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return of_file(path);
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator entry(path, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->is_regular_file(ignored)) files.push_back(entry->path().lexically_relative(path).string());
  }
  std::ranges::sort(files);
  std::string text;
  for (const std::string& file : files) {
    text += fmt::format("{} {:x}\n", file, of_file((fs::path(path) / file).string()));
  }
  return hash_of_text(text);
}

}  // namespace blis
