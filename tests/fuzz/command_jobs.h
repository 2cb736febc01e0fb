// Command lines that people type, with the files that they name.
#pragma once

#include <string>
#include <vector>

namespace blis::fuzz {

struct File {
  std::string name;                // in the folder where the command runs; in `words` it stands as it is
  std::vector<std::string> seeds;  // contents that are right, or nearly
};

struct Job {
  std::vector<std::string> words;  // after the program's name
  std::vector<File> files;         // of which some are changed
};

// Of the seeds that lie in the source folder; `result` is a folder of results, made by `blis run -o`.
std::vector<Job> list_jobs(const std::string& source, const std::string& result);

}  // namespace blis::fuzz
