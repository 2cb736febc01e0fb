#include "workloads/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/stop_request.h"
#include "workloads/bad_row.h"

namespace blis {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;
constexpr std::size_t kHeadSize = std::size_t{1} << 16;

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteStream> bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)), buffer_(kBufferSize + kPadding) {
  while (end_ < kHeadSize && refill()) {
  }
  const std::string_view start = head();
  if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff")) {
    fail_file(place(), {.message = "this text is encoded as UTF-16",
                        .expected = "UTF-8",
                        .hint = "convert it, for example with `iconv -f utf-16 -t utf-8`"});
  }
  if (start.starts_with("\xef\xbb\xbf")) begin_ = 3;
  skip_blank_lines();
  line_begin_ = begin_;
}

void LineReader::skip_blank_lines() {
  for (;;) {
    const std::string_view left = head();
    const std::size_t end = left.find('\n');
    if (end == std::string_view::npos ||
        left.substr(0, end).find_first_not_of(" \t\r") != std::string_view::npos)
      return;
    begin_ += end + 1;
    ++line_number_;
  }
}

bool LineReader::refill() {
  stop_if_requested();
  if (at_end_) return false;
  const std::size_t room = buffer_.size() - kPadding;
  if (begin_ > 0 && begin_ == end_) begin_ = end_ = 0;
  if (end_ == room) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(2 * room + kPadding);
    }
  }
  const std::size_t n = bytes_->read(std::span(buffer_).subspan(end_, buffer_.size() - kPadding - end_));
  end_ += n;
  at_end_ = n == 0;
  return !at_end_;
}

Place LineReader::after_last_line() const {
  return {.file = name_, .line = line_number_ + 1};
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const void* found = std::memchr(start + searched, '\n', end_ - begin_ - searched);
    if (found != nullptr) {
      line = {start, static_cast<std::size_t>(static_cast<const char*>(found) - start)};
      break;
    }
    searched = end_ - begin_;
    if (searched > kMaxLine) {
      fail_file(after_last_line(), {.message = "this line is longer than 256 MiB"});
    }
    if (refill()) continue;
    if (searched == 0) return false;
    line = {buffer_.data() + begin_, searched};
    break;
  }
  line_begin_ = begin_;
  begin_ = std::min(end_, begin_ + line.size() + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++line_number_;
  return true;
}

std::string_view LineReader::rest() {
  while (refill()) {
  }
  const std::string_view text = head();
  line_begin_ = begin_;
  begin_ = end_;
  ++line_number_;
  return text;
}

bool LineReader::piece(std::string_view& piece) {
  if (!std::exchange(in_pieces_, true)) ++line_number_;
  if (begin_ == end_ && !refill()) return false;
  piece = head();
  begin_ = end_;
  return true;
}

Place LineReader::place(const char* where) const {
  return {.file = name_, .line = line_number_, .column = where - (buffer_.data() + line_begin_) + 1};
}

}  // namespace blis
