#include "tools/output/output_stream.h"

namespace blis {
namespace {

constexpr std::size_t kPieceBytes = 1 << 18;

}  // namespace

OutputStream::OutputStream(const std::string& path) : std::ostream(nullptr), buffer_(open_sink(path)) {
  rdbuf(&buffer_);
  // What the sink throws reaches whoever writes, with its reason.
  exceptions(std::ios::badbit);
}

void SinkBuffer::finish() {
  hand_over();
  sink_->finish();
}

void SinkBuffer::hand_over() {
  sink_->write(buffer_);
  buffer_.clear();
}

SinkBuffer::int_type SinkBuffer::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char byte = traits_type::to_char_type(c);
  xsputn(&byte, 1);
  return c;
}

std::streamsize SinkBuffer::xsputn(const char* text, std::streamsize size) {
  buffer_.append(text, static_cast<std::size_t>(size));
  if (buffer_.size() >= kPieceBytes) hand_over();
  return size;
}

int SinkBuffer::sync() {
  hand_over();
  return 0;
}

}  // namespace blis
