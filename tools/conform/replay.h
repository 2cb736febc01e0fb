// Replays a schedule vector and reports the first thing that is not as the vector says.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tools/conform/scheduler_under_test.h"
#include "tools/conform/vectors.h"

namespace blis::conform {

struct ReplayVerdict {
  std::string id;
  std::optional<std::string> difference;

  bool passed() const { return !difference; }
};
// "PASS <id>", or "FAIL <id>: <first difference>"; without a line end.
std::string to_string(const ReplayVerdict& verdict);

// Never throws: what the subject throws is the difference.
ReplayVerdict replay(const Vector& vector, const Subject& subject);

}  // namespace blis::conform
