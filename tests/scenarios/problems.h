// What an InputError said, for tests of messages.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "blis/error.hpp"

namespace blis {

struct Said {
  ErrorKind kind;
  std::vector<std::string> heads;  // "file:line:column: message" of each problem
  std::string all;                 // everything, as the user sees it
};

// Runs `act`, which must throw an InputError.
template <class Act>
Said said_by(Act act) {
  try {
    act();
  } catch (const InputError& error) {
    Said said{error.kind(), {}, error.what()};
    for (const Problem& problem : error.problems()) {
      said.heads.push_back(to_string(Problem{.place = problem.place, .message = problem.message}));
    }
    return said;
  }
  ADD_FAILURE() << "nothing was refused";
  return {ErrorKind::usage, {}, {}};
}

}  // namespace blis
