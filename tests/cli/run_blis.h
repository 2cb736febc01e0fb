// Runs the built program as a user would.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/scenarios/temp_folder.h"
#include "tests/workloads/azure_text.h"

namespace blis {

struct Finished {
  int status;  // exit status; 128 + signal as in a shell
  std::string out, err;
};

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

}  // namespace blis
