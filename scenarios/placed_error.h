// Errors that name a scenario's key, as those who know no files can, get the place where it was written.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/scenario.h"

namespace blis {

// Where the value of a dotted key (`workload.clients[1].share` or `workload.clients.1.share`), or failing
// that the nearest section around it, was written. Without any file, the key itself.
Place origin_place(const Origins& origins, std::string_view key);

// The same error, with each problem whose place is a scenario's key moved to where that was written; the
// key then begins the message.
InputError placed(const InputError& error, const Origins& origins);

// Gathers what is wrong with the settings taken together, as the reader does for each alone.
class Complaints {
 public:
  explicit Complaints(const Origins& origins) : origins_(origins) {}

  void add(std::string_view key, Problem problem) {
    problem.place = origin_place(origins_, key);
    problems_.push_back(std::move(problem));
  }
  void check() {
    if (!problems_.empty()) throw InputError(ErrorKind::usage, std::move(problems_));
  }

 private:
  const Origins& origins_;
  std::vector<Problem> problems_;
};

}  // namespace blis
