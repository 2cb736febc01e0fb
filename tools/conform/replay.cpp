#include "tools/conform/replay.h"

#include <stdexcept>

#include "tools/conform/replay_parts.h"

namespace blis::conform {

void check(const std::string& where, const Json& expected, const Json& got) {
  // Compared as unordered: where the order of keys matters, it is compared as a list.
  if (nlohmann::json(expected) == nlohmann::json(got)) return;
  throw Difference(where + ": expected " + expected.dump() + ", got " + got.dump());
}

std::string to_string(const ReplayVerdict& verdict) {
  return verdict.passed() ? "PASS " + verdict.id : "FAIL " + verdict.id + ": " + *verdict.difference;
}

ReplayVerdict replay(const Vector& vector, const Subject& subject) {
  try {
    if (const auto* script = std::get_if<ScriptVector>(&vector.body)) {
      replay_script(*script, subject.scheduler);
    } else if (const auto* run = std::get_if<RunVector>(&vector.body)) {
      replay_run(*run, subject.scheduler);
    } else if (const auto* queue = std::get_if<QueueVector>(&vector.body)) {
      replay_queue(*queue, subject.free_queue);
    } else if (const auto* formula = std::get_if<FormulaVector>(&vector.body)) {
      replay_formula(*formula, subject.formulas);
    } else {
      throw InputError(ErrorKind::usage, std::get<UnreadableVector>(vector.body).problems);
    }
    return {vector.id, std::nullopt};
  } catch (const std::exception& e) {
    return {vector.id, e.what()};
  }
}

}  // namespace blis::conform
