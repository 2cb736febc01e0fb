// Where bytes that are written end up: a file or standard output, perhaps compressed on the way.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace blis {

// `finish` is called once, after the last `write`.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::string_view bytes) = 0;
  virtual void finish() = 0;
};

// "-" is standard output, .gz and .zst are compressed. A file appears under its name only with finish().
// The sink's functions throw InputError (io) for what cannot be written.
std::unique_ptr<ByteSink> open_sink(const std::string& path);

}  // namespace blis
