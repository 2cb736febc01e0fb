// The user's mistake, as opposed to ours (an assert): says where, what was expected and what to do.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace blis {

// Where in a user's file something is. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file{};
  std::int64_t line = 0;
  std::int64_t column = 0;
};
std::string to_string(const Place& place);  // "file:line:column", as much of it as is known

struct Problem {
  Place place{};
  std::string message{};   // one sentence, no full stop: "unknown key `tensor_paralel_size`"
  std::string expected{};  // empty if there is nothing to say
  std::string got{};
  std::string hint{};
};
std::string to_string(const Problem& problem);

// Which exit status the program ends with (docs: `blis --help`).
enum class ErrorKind { usage = 2, infeasible = 3, io = 4, not_modelled = 5 };

// One or more problems of one input. Thrown by readers and builders, caught only in `main`.
class InputError : public std::runtime_error {
 public:
  InputError(ErrorKind kind, std::vector<Problem> problems);
  InputError(ErrorKind kind, Problem problem);

  ErrorKind kind() const { return kind_; }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  ErrorKind kind_;
  std::vector<Problem> problems_;
};

}  // namespace blis
