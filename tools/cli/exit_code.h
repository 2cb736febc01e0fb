// What the exit status of `blis` means, in one place.
#pragma once

#include "blis/error.hpp"

namespace blis {

enum class ExitCode {
  ok = 0,
  gate_failed = 1,   // it ran, and a condition the user set does not hold
  usage = 2,         // command line or scenario
  infeasible = 3,    // the model does not fit
  io = 4,            // a trace or another file cannot be read, or a result not written
  not_modelled = 5,  // a model, or a part of one, that no arithmetic here prices
  internal = 70,     // our mistake
  interrupted = 130  // Ctrl-C; what there is has been written
};

// For people: --help and the man page.
struct ExitStatus {
  ExitCode code;
  const char* meaning;
};
constexpr ExitStatus kExitStatuses[] = {
    {ExitCode::ok, "fine"},
    {ExitCode::gate_failed, "a condition that was asked for does not hold"},
    {ExitCode::usage, "mistake on the command line or in a scenario"},
    {ExitCode::infeasible, "the model does not fit"},
    {ExitCode::io, "a file cannot be read or written"},
    {ExitCode::not_modelled, "the model, or a part of it, is not modelled (--allow-unmodelled)"},
    {ExitCode::internal, "a bug in blis"},
    {ExitCode::interrupted, "interrupted"},
};

constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::infeasible:
      return ExitCode::infeasible;
    case ErrorKind::io:
      return ExitCode::io;
    case ErrorKind::not_modelled:
      return ExitCode::not_modelled;
  }
  return ExitCode::internal;
}

}  // namespace blis
