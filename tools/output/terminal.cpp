#include "tools/output/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/letter_case.h"

namespace blis {

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}

std::size_t terminal_width() {
  constexpr std::size_t kWithoutTerminal = 80;
  struct winsize size {};
  if (!stdout_is_terminal() || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kWithoutTerminal;
  }
  return size.ws_col;
}

bool shows_colour() {
  const char* const off = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  const bool unwanted = off != nullptr && *off != '\0';
  return stdout_is_terminal() && !unwanted && term != nullptr && std::string_view(term) != "dumb";
}

bool shows_unicode() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = lower_case(value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return true;
}

}  // namespace blis
