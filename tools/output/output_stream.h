// A std::ostream over a file or standard output, compressed as the file's name says.
#pragma once

#include <memory>
#include <ostream>
#include <streambuf>
#include <string>

#include "tools/output/byte_sink.h"

namespace blis {

// Hands on what is written to it in large pieces.
class SinkBuffer : public std::streambuf {
 public:
  explicit SinkBuffer(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}
  void finish();

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  void hand_over();

  std::unique_ptr<ByteSink> sink_;
  std::string buffer_;
};

// Throws InputError (io), from any of its functions, for what cannot be written.
class OutputStream : public std::ostream {
 public:
  explicit OutputStream(const std::string& path);

  // Everything has been written; without it a file does not appear.
  void finish() { buffer_.finish(); }

 private:
  SinkBuffer buffer_;
};

}  // namespace blis
