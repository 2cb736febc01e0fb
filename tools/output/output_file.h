// Files and standard output that are either written whole or reported as not written.
#pragma once

#include <string>
#include <string_view>

namespace blis {

// A file that appears under its name only once it is complete: until commit() it is written beside
// it, and without commit() it goes away. What is no regular file (a pipe, a device) is written to as it is.
// Throws InputError (io) with the path and the system's reason.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  void flush();

  std::string path_;
  std::string temporary_;  // empty: none, or no longer
  std::string buffer_;
  int descriptor_ = -1;
};

void write_file(const std::string& path, std::string_view content);

// Throws InputError (io) if not everything could be written.
void write_to_stdout(std::string_view text);

}  // namespace blis
