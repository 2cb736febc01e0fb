// The bytes of a file or of standard input, decompressed on the way where they are gzip or zstd.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace blis {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Fills the front of `buffer` and says how much; 0 only at the end. Throws InputError (io) for a
  // file that cannot be read or is cut short.
  virtual std::size_t read(std::span<char> buffer) = 0;
};

// "-" is standard input. Compression is recognised by the first bytes, not by the name. Several
// gzip members or zstd frames in a row are one stream. Throws InputError (io) for a missing file, a
// directory, or one we may not read.
std::unique_ptr<ByteStream> open_bytes(const std::string& path);

// The same for bytes that are already open; `name` is for messages.
std::unique_ptr<ByteStream> decompress(std::unique_ptr<ByteStream> bytes, const std::string& name);

// What an error message calls `path`.
std::string display_name(const std::string& path);

}  // namespace blis
