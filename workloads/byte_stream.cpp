#include "workloads/byte_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "sim/stop_request.h"
#include "workloads/bad_row.h"

namespace blis {
namespace {

constexpr std::size_t kCompressedBuffer = std::size_t{1} << 17;

[[noreturn]] void fail(const std::string& path, std::string message, std::string hint = {}) {
  const Place place{.file = display_name(path)};
  fail_file(place, {.message = std::move(message), .hint = std::move(hint)});
}

class PlainFile : public ByteStream {
 public:
  explicit PlainFile(const std::string& path) : path_(path) {
    if (path == "-") return;
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) fail(path, std::string("cannot open this file: ") + std::strerror(errno));
    struct stat info {};
    if (::fstat(fd_, &info) == 0 && S_ISDIR(info.st_mode)) {
      ::close(fd_);
      fail(path, "is a directory, not a file", "give the path of one trace file");
    }
  }
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }

  std::size_t read(std::span<char> buffer) override {
    for (;;) {
      wait_for_input();
      const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) fail(path_, std::string("cannot read this file: ") + std::strerror(errno));
    }
  }

 private:
  // While we wait for a pipe nobody else can look whether to stop.
  void wait_for_input() const {
    constexpr int kMilliseconds = 100;
    pollfd input{.fd = fd_, .events = POLLIN, .revents = 0};
    int ready = 0;
    do {
      ready = ::poll(&input, 1, kMilliseconds);
      if (ready == 0 && stop_requested()) throw Interrupted();
    } while (ready == 0 || (ready < 0 && errno == EINTR));
  }

  std::string path_;
  int fd_ = STDIN_FILENO;
};

// Bytes whose beginning has been looked at.
class Peeked : public ByteStream {
 public:
  explicit Peeked(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {
    while (size_ < head_.size()) {
      const std::size_t n = bytes_->read(std::span(head_).subspan(size_));
      if (n == 0) break;
      size_ += n;
    }
  }

  bool starts_with(std::string_view magic) const {
    return std::string_view(head_.data(), size_).starts_with(magic);
  }

  std::size_t read(std::span<char> buffer) override {
    if (used_ == size_) return bytes_->read(buffer);
    const std::size_t n = std::min(buffer.size(), size_ - used_);
    std::copy_n(head_.data() + used_, n, buffer.data());
    used_ += n;
    return n;
  }

 private:
  std::unique_ptr<ByteStream> bytes_;
  std::array<char, 4> head_{};
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

class GzipStream : public ByteStream {
 public:
  GzipStream(const std::string& path, std::unique_ptr<ByteStream> file)
      : path_(path), file_(std::move(file)), compressed_(kCompressedBuffer) {
    constexpr int kGzipHeader = 16;  // added to the window size: zlib.h, inflateInit2
    if (inflateInit2(&state_, MAX_WBITS + kGzipHeader) != Z_OK) throw std::bad_alloc();
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override { inflateEnd(&state_); }

  std::size_t read(std::span<char> buffer) override {
    state_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    state_.avail_out = static_cast<uInt>(std::min<std::size_t>(buffer.size(), 1U << 30));
    const uInt wanted = state_.avail_out;
    while (state_.avail_out == wanted) {
      if (state_.avail_in == 0 && !refill()) {
        if (between_members_) return 0;
        fail(path_, "this gzip file is cut short: its data end before the end marker",
             "download or copy it again");
      }
      if (between_members_) {        // another member follows
        if (*state_.next_in == 0) {  // padding
          ++state_.next_in, --state_.avail_in;
          continue;
        }
        inflateReset(&state_);
        between_members_ = false;
      }
      const int status = inflate(&state_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        between_members_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail(path_, std::string("this gzip file is damaged: ") +
                        (state_.msg != nullptr ? state_.msg : "unreadable data"));
      }
    }
    return wanted - state_.avail_out;
  }

 private:
  bool refill() {
    const std::size_t n = file_->read(compressed_);
    state_.next_in = reinterpret_cast<Bytef*>(compressed_.data());
    state_.avail_in = static_cast<uInt>(n);
    return n > 0;
  }

  std::string path_;
  std::unique_ptr<ByteStream> file_;
  std::vector<char> compressed_;
  z_stream state_{};
  bool between_members_ = false;
};

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

class ZstdStream : public ByteStream {
 public:
  ZstdStream(const std::string& path, std::unique_ptr<ByteStream> file)
      : path_(path), file_(std::move(file)), compressed_(kCompressedBuffer), state_(ZSTD_createDStream()) {
    if (!state_) throw std::bad_alloc();
  }

  std::size_t read(std::span<char> buffer) override {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !pending_output_ && !refill()) {
        if (frame_complete_) return 0;
        fail(path_, "this zstd file is cut short: its last frame is incomplete", "download or copy it again");
      }
      const std::size_t status = ZSTD_decompressStream(state_.get(), &out, &in_);
      if (ZSTD_isError(status) != 0) {
        fail(path_, std::string("this zstd file is damaged: ") + ZSTD_getErrorName(status));
      }
      frame_complete_ = status == 0;
      pending_output_ = out.pos == out.size && !frame_complete_;
    }
    return out.pos;
  }

 private:
  bool refill() {
    in_ = {compressed_.data(), file_->read(compressed_), 0};
    return in_.size > 0;
  }

  std::string path_;
  std::unique_ptr<ByteStream> file_;
  std::vector<char> compressed_;
  std::unique_ptr<ZSTD_DStream, FreeZstd> state_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool frame_complete_ = false;
  bool pending_output_ = false;  // the decoder may hold more output than it had room for
};

}  // namespace

std::string display_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

std::unique_ptr<ByteStream> open_bytes(const std::string& path) {
  return decompress(std::make_unique<PlainFile>(path), display_name(path));
}

std::unique_ptr<ByteStream> decompress(std::unique_ptr<ByteStream> bytes, const std::string& name) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  auto peeked = std::make_unique<Peeked>(std::move(bytes));
  if (peeked->starts_with(kGzip)) return std::make_unique<GzipStream>(name, std::move(peeked));
  if (peeked->starts_with(kZstd)) return std::make_unique<ZstdStream>(name, std::move(peeked));
  return peeked;
}

}  // namespace blis
