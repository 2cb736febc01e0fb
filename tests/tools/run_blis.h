// Runs the built program as a user would.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/scenarios/temp_folder.h"

namespace blis {

struct Finished {
  int status;  // exit status; 128 + signal as in a shell
  std::string out, err;
};

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// `tail` is shell that follows the command: a redirection, a pipe.
inline Finished run_blis(const std::vector<std::string>& arguments, const std::string& tail = "",
                         const std::string& environment = "") {
  const TempFolder folder;
  std::string command = environment + " '" BLIS_BINARY "'";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  command += " >" + folder.path("out") + " 2>" + folder.path("err") + " </dev/null " +
             tail;  // a later redirection wins
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(folder.path("out")),
          contents(folder.path("err"))};
}

// A trace in Azure's format: `count` requests, one every `gap_ms`, of varied lengths.
inline std::string azure_trace(int count, int gap_ms = 100) {
  std::string text = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (int i = 0; i < count; ++i) {
    const int ms = i * gap_ms;
    char row[96];
    std::snprintf(row, sizeof row, "2023-11-16 18:%02d:%02d.%03d0000,%d,%d\n", ms / 60000, ms / 1000 % 60,
                  ms % 1000, 100 + 37 * i % 1900, 1 + 13 * i % 90);
    text += row;
  }
  return text;
}

}  // namespace blis
