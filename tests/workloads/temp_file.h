// Files for reader tests: written for one test, or found among the fixtures and shared traces.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace blis {

// A file with this content, gone at the end of the test.
class TempFile {
 public:
  explicit TempFile(std::string_view content, std::string_view suffix = ".txt") {
    const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name =
        std::string(test->test_suite_name()) + "." + test->name() + std::to_string(counter()++);
    for (char& c : name) {
      if (c == '/') c = '_';
    }
    path_ = (std::filesystem::temp_directory_path() / (name + std::string(suffix))).string();
    std::ofstream(path_, std::ios::binary) << content;
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

 private:
  static int& counter() {
    static int n = 0;
    return n;
  }
  std::string path_;
};

inline std::string fixture(const std::string& name) {
  return std::string(BLIS_SOURCE_DIR) + "/tests/workloads/fixtures/" + name;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The material that is not part of the repository; empty if it is not there.
inline std::string shared_trace(const std::string& name) {
  const char* const root = std::getenv("BLIS_SHARED");
  const std::string path =
      (root != nullptr ? std::string(root) : std::string(BLIS_SOURCE_DIR) + "/../shared") + "/traces/" + name;
  return std::filesystem::exists(path) ? path : std::string();
}

}  // namespace blis
