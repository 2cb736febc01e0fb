// The program: parses, calls the command, and is the only place that turns errors into exit statuses.
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

namespace {

using blis::ExitCode;

// As wide as the terminal; longer lines than kHelpWidth are no easier to read.
std::size_t help_width() {
  if (!blis::stdout_is_terminal()) return blis::kHelpWidth;
  return std::clamp<std::size_t>(blis::terminal_width(), 40, blis::kHelpWidth);
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
    blis::write_to_stdout(blis::general_help(help_width()));
    return ExitCode::ok;
  }
  if (arguments.size() > 1 && asks_for_help(arguments[1]) && !blis::family(arguments[0]).empty()) {
    blis::write_to_stdout(blis::family_help(arguments[0], help_width()));
    return ExitCode::ok;
  }
  if (arguments.size() == 1 && (arguments[0] == "--version" || arguments[0] == "version")) {
    blis::write_to_stdout(fmt::format("blis {}\n", blis::version()));
    return ExitCode::ok;
  }
  const blis::Invocation invocation = blis::parse_command_line(arguments);
  if (invocation.has("help")) {
    blis::write_to_stdout(blis::command_help(*invocation.command, help_width()));
    return ExitCode::ok;
  }
  if (invocation.has("version")) {
    blis::write_to_stdout(fmt::format("blis {}\n", blis::version()));
    return ExitCode::ok;
  }
  return invocation.command->run(invocation);
}

ExitCode report(const blis::InputError& error) {
  blis::say_problems(error);
  return blis::exit_code(error.kind());
}

ExitCode report_bug(const char* what) {
  std::fprintf(
      stderr,
      "internal error: %s\n  hint:     this is a bug in blis; please report it with the command line\n",
      what);
  return ExitCode::internal;
}

}  // namespace

int main(int argc, char** argv) {
  ExitCode status = ExitCode::internal;
  try {
    status = run(spelled_out(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc)));
  } catch (const blis::InputError& error) {
    status = report(error);
  } catch (const blis::Interrupted&) {
    std::fputs("interrupted: nothing was written\n", stderr);
    status = ExitCode::interrupted;
  } catch (const std::bad_alloc&) {
    status = report(blis::InputError(
        blis::ErrorKind::usage,
        blis::Problem{.message = "there is not enough memory for this",
                      .hint = "fewer requests, replicas or --jobs, or a machine with more"}));
  } catch (const std::exception& error) {
    status = report_bug(error.what());
  }
  return static_cast<int>(status);
}
