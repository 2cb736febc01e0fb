// One writer at a time in a folder of results.
#pragma once

#include <string>

namespace blis {

// Held as long as the object lives; the system takes it back from a process that is killed, whose `.lock`
// then tells the next writer that what lies there is unfinished.
class FolderLock {
 public:
  // Of a folder that exists. Takes away the temporary files (OutputFile) of a writer that was killed. Throws
  // InputError: usage, naming the holder, while another process writes there; io.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;

  // Whether the last writer before was killed.
  bool takes_over() const { return takes_over_; }

 private:
  void open();

  std::string folder_, path_;
  int descriptor_ = -1;
  bool takes_over_ = false;
};

}  // namespace blis
