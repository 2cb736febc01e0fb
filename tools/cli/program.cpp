#include "tools/cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "sim/stop_request.h"
#include "tools/cli/command_line.h"
#include "tools/cli/options.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/terminal.h"

namespace blis {
namespace {

// As wide as the terminal; longer lines than kHelpWidth are no easier to read.
std::size_t help_width() {
  if (!stdout_is_terminal()) return kHelpWidth;
  return std::clamp<std::size_t>(terminal_width(), 40, kHelpWidth);
}

bool asks_for_help(const std::string& word) {
  return word == "--help" || word == "-h";
}

// `blis help trace fit` is `blis trace fit --help`.
std::vector<std::string> spelled_out(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
  return arguments;
}

ExitCode run(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && asks_for_help(arguments[0])) {
    write_to_stdout(general_help(help_width()));
    return ExitCode::ok;
  }
  if (arguments.size() > 1 && asks_for_help(arguments[1]) && !family(arguments[0]).empty()) {
    write_to_stdout(family_help(arguments[0], help_width()));
    return ExitCode::ok;
  }
  if (arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "version")) {
    write_to_stdout(fmt::format("blis {}\n", version()));
    return ExitCode::ok;
  }
  const bool as_json = arguments.size() == 2 && arguments[1] == "--json";
  if (as_json && (arguments[0] == "--version" || arguments[0] == "version")) {
    write_to_stdout(build_json());
    return ExitCode::ok;
  }
  const Invocation invocation = parse_command_line(arguments);
  if (invocation.has("help")) {
    write_to_stdout(command_help(*invocation.command, help_width()));
    return ExitCode::ok;
  }
  if (invocation.has("version")) {
    write_to_stdout(fmt::format("blis {}\n", version()));
    return ExitCode::ok;
  }
  return invocation.command->run(invocation);
}

ExitCode report(const InputError& error) {
  say_problems(error);
  return exit_code(error.kind());
}

ExitCode report_bug(const char* what) {
  std::fprintf(
      stderr,
      "internal error: %s\n  hint:     this is a bug in blis; please report it with the command line\n",
      what);
  return ExitCode::internal;
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments) {
  try {
    return run(spelled_out(arguments));
  } catch (const InputError& error) {
    return report(error);
  } catch (const Interrupted&) {
    std::fputs("interrupted: nothing was written\n", stderr);
    return ExitCode::interrupted;
  } catch (const std::bad_alloc&) {
    return report(InputError(ErrorKind::usage,
                             Problem{.message = "there is not enough memory for this",
                                     .hint = "fewer requests, replicas or --jobs, or a machine with more"}));
  } catch (const std::exception& error) {
    return report_bug(error.what());
  }
}

}  // namespace blis
