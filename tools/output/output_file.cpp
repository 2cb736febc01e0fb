#include "tools/output/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "blis/error.hpp"

namespace blis {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

// 0, or the errno of what went wrong.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

[[noreturn]] void fail_to_write(const std::string& name, int error) {
  throw InputError(
      ErrorKind::io,
      Problem{.place = {.file = name}, .message = std::string("cannot be written: ") + std::strerror(error)});
}

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> number{0};
  return path + "." + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".part";
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  struct ::stat there {};
  const bool exists = ::stat(path_.c_str(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode)) fail_to_write(path_, EISDIR);
  if (exists && !S_ISREG(there.st_mode)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // Of a name that nobody else writes to.
    do {
      temporary_ = temporary_name(path_);
      descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
  }
  if (descriptor_ < 0) {
    temporary_.clear();
    fail_to_write(path_, errno);
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  if (const int error = write_all(descriptor_, buffer_)) fail_to_write(path_, error);
  buffer_.clear();
}

void OutputFile::commit() {
  flush();
  // Some file systems report a full disk only here.
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_to_write(path_, errno);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_to_write(path_, errno);
  temporary_.clear();
}

void write_file(const std::string& path, std::string_view content) {
  OutputFile file(path);
  file.write(content);
  file.commit();
}

void write_to_stdout(std::string_view text) {
  if (const int error = write_all(STDOUT_FILENO, text)) fail_to_write("standard output", error);
}

}  // namespace blis
