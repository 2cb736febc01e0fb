#include "roofline/refuse.h"

#include <utility>
#include <vector>

namespace blis {

void refuse(ErrorKind kind, std::string message, std::string expected, std::string got, std::string hint) {
  Problem problem;
  problem.message = std::move(message);
  problem.expected = std::move(expected);
  problem.got = std::move(got);
  problem.hint = std::move(hint);
  std::vector<Problem> problems;
  problems.push_back(std::move(problem));
  throw InputError(kind, std::move(problems));
}

}  // namespace blis
