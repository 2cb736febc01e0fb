// What the exit status of `blis` means, in one place.
#pragma once

#include "sim/input_error.h"

namespace blis {

enum class ExitCode {
  ok = 0,
  gate_failed = 1,   // it ran, and a condition the user set does not hold
  usage = 2,         // command line or scenario
  infeasible = 3,    // the model does not fit
  io = 4,            // a trace or another file cannot be read, or a result not written
  internal = 70,     // our mistake
  interrupted = 130  // Ctrl-C; what there is has been written
};

constexpr ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::infeasible:
      return ExitCode::infeasible;
    case ErrorKind::io:
      return ExitCode::io;
  }
  return ExitCode::internal;
}

}  // namespace blis
