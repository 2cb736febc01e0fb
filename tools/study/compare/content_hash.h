// Files by what is in them, so that equal ones are equal on every machine, wherever they lie and however old.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace blis {

// Reads each file once, and again only when its size or age has changed. Any number of threads may ask.
class ContentHashes {
 public:
  // Of a file's bytes, or 0 where there is none of that name; of a folder, of the names and bytes of all
  // files in it. Throws InputError (io) for a file that cannot be read.
  std::uint64_t of(const std::string& path);

 private:
  struct Known {
    std::uintmax_t size = 0;
    std::int64_t changed = 0;
    std::uint64_t hash = 0;
  };
  std::uint64_t of_file(const std::string& path);

  std::mutex mutex_;
  std::map<std::string, Known> known_;
};

}  // namespace blis
