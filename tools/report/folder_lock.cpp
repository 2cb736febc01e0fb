#include "tools/report/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "blis/error.hpp"
#include "tools/report/host_name.h"

namespace blis {
namespace {

std::string content_of(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

// Whether the open file is still what the name says: its holder may have removed it in between.
bool is_still(int descriptor, const std::string& path) {
  struct ::stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

void remove_temporary_files(const std::string& folder) {
  std::error_code ignored;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".part") left.push_back(entry.path());
  }
  for (const auto& path : left) std::filesystem::remove(path, ignored);
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) : folder_(folder), path_(folder + "/.lock") {
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    open();
  } while (!is_still(descriptor_, path_));
  takes_over_ = !content_of(descriptor_).empty();
  if (takes_over_) remove_temporary_files(folder_);
  const std::string holder = fmt::format("process {} on {}", ::getpid(), host_name());
  // Written over before it is cut: an empty lock would tell the next writer that nobody was killed here.
  const bool written = ::pwrite(descriptor_, holder.data(), holder.size(), 0) == std::ssize(holder) &&
                       ::ftruncate(descriptor_, std::ssize(holder)) == 0;
  if (written) return;
  const int error = errno;
  ::close(descriptor_);
  throw InputError(ErrorKind::io,
                   Problem{.place = {.file = path_},
                           .message = std::string("cannot be written: ") + std::strerror(error)});
}

void FolderLock::open() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw InputError(ErrorKind::io,
                     Problem{.place = {.file = path_},
                             .message = std::string("cannot be written: ") + std::strerror(errno)});
  }
  // Some file systems know no locks; there, two writers at once are not noticed.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  const std::string holder = content_of(descriptor_);
  ::close(descriptor_);
  throw InputError(ErrorKind::usage, Problem{.place = {.file = folder_},
                                             .message = "another blis is writing to this folder",
                                             .got = holder.empty() ? "a process that has just begun" : holder,
                                             .hint = "wait for its end; `-o` names another folder"});
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : folder_(std::move(other.folder_)),
      path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      takes_over_(other.takes_over_) {}

FolderLock::~FolderLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace blis
