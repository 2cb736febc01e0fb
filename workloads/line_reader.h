// Reads a text file line by line in bounded memory, and knows where it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "workloads/byte_stream.h"

namespace blis {

// Lines end with \n or \r\n; the last needs no end. A UTF-8 byte-order mark and blank lines at the beginning
// are skipped.
class LineReader {
 public:
  // Bytes after each line that a parser may read (not use): simdjson reads ahead.
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kMaxLine = std::size_t{1} << 28;

  explicit LineReader(const std::string& path) : LineReader(open_bytes(path), display_name(path)) {}
  LineReader(std::unique_ptr<ByteStream> bytes, std::string name);

  // The beginning of the file, from its first line that is not blank: 64 KiB of it and more, if it is that
  // long. Only before the first `next`; valid until then.
  std::string_view head() const { return {buffer_.data() + begin_, end_ - begin_}; }

  // The next line, without its end, valid until the next call; false after the last. Throws
  // InputError (io) with its place for a line longer than kMaxLine.
  bool next(std::string_view& line);

  // What is left of the file, for documents that are not made of lines. Valid until the next call;
  // kPadding readable bytes follow it.
  std::string_view rest();

  // The same in pieces of any size, none of them empty, each valid until the next call; false after the last.
  bool piece(std::string_view& piece);

  const std::string& name() const { return name_; }
  std::int64_t line_number() const { return line_number_; }  // of the line read last, from 1
  // Of a character of the line read last.
  Place place(const char* where) const;
  Place place() const { return {.file = name_, .line = line_number_}; }  // the file before the first line

 private:
  void skip_blank_lines();
  bool refill();  // false at the end of the file
  Place after_last_line() const;

  std::unique_ptr<ByteStream> bytes_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what has not been handed out
  std::size_t end_ = 0;
  std::size_t line_begin_ = 0;  // of the line read last
  std::int64_t line_number_ = 0;
  bool at_end_ = false;
  bool in_pieces_ = false;
};

}  // namespace blis
