#include "tools/output/messages.h"

#include <cstdio>

#include "sim/utf8.h"
#include "tools/output/output_file.h"

namespace blis {

void say(std::string_view text) {
  std::fprintf(stderr, "%s\n", printable_lines(text).c_str());
}

void say_problems(const InputError& error) {
  for (const Problem& problem : error.problems()) say("error: " + to_string(problem));
}

void say_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) say("warning: " + warning);
}

void show(std::string_view text) {
  write_to_stdout(printable_lines(text));
}

}  // namespace blis
