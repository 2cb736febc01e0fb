#include "tools/cli/shard_flag.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "blis/error.hpp"

namespace blis {
namespace {

// How a launcher tells a process which of how many it is.
struct Launcher {
  const char* name;
  const char* index;
  const char* count;  // empty: it does not say
  const char* first;  // the index that counts as 0; empty: 0
};

// An array's tasks may each be several ranks.
constexpr std::array kArrays{
    Launcher{"a Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"},
    Launcher{"a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", "", ""},
};
constexpr std::array kRanks{
    Launcher{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ""},
    Launcher{"mpiexec of MPICH, or srun --mpi=pmi2", "PMI_RANK", "PMI_SIZE", ""},
};

[[noreturn]] void refuse_shard(const std::string& place, std::string message, std::string expected,
                               std::string got = {}, std::string hint = {}) {
  throw InputError(ErrorKind::usage, {.place = {place},
                                      .message = std::move(message),
                                      .expected = std::move(expected),
                                      .got = std::move(got),
                                      .hint = std::move(hint)});
}

std::size_t number(const std::string& place, const std::string& text, std::int64_t least) {
  const auto value = whole_number(text, least, static_cast<std::int64_t>(kMostShards));
  if (!value) {
    refuse_shard(place, "this is no number of a shard",
                 fmt::format("a whole number from {} to {}", least, kMostShards), text);
  }
  return static_cast<std::size_t>(*value);
}

Shard checked(const std::string& place, Shard shard) {
  if (shard.index < shard.count) return shard;
  refuse_shard(place, "there is no such shard", fmt::format("I from 0 to {}", shard.count - 1),
               fmt::format("{}", shard.index));
}

class FromEnvironment {
 public:
  FromEnvironment(const std::string& shown, const Environment& environment)
      : shown_(shown), environment_(environment) {}

  // The launchers that are there, the outer one first.
  Shard whole(std::optional<std::size_t> count) const {
    std::optional<Shard> shard;
    for (const Launcher& launcher : kArrays) {
      if (const auto text = environment_(launcher.index)) shard = part(launcher, *text, count);
    }
    for (const Launcher& launcher : kRanks) {
      const auto text = environment_(launcher.index);
      if (!text) continue;
      const Shard rank = part(launcher, *text, shard ? std::nullopt : count);
      if (!shard) return rank;
      return {shard->index * rank.count + rank.index, shard->count * rank.count};
    }
    if (shard) return *shard;
    std::string names;
    for (const Launcher& launcher : kArrays) names += fmt::format("{}, ", launcher.index);
    for (const Launcher& launcher : kRanks) names += fmt::format("{}, ", launcher.index);
    refuse_shard(shown_, "nothing says which shard this is", names + "or --shard I/N", "none of them is set");
  }

 private:
  Shard part(const Launcher& launcher, const std::string& index, std::optional<std::size_t> count) const {
    const std::size_t i = number(launcher.index, index, 0);
    if (count) return checked(launcher.index, {i, *count});
    const auto text = launcher.count[0] != 0 ? environment_(launcher.count) : std::nullopt;
    if (!text) {
      refuse_shard(shown_, fmt::format("{} does not say how many tasks it has", launcher.name),
                   "--shard auto/N, with their number");
    }
    const auto first = launcher.first[0] != 0 ? environment_(launcher.first) : std::nullopt;
    const std::size_t from = first ? number(launcher.first, *first, 0) : 0;
    if (i < from) refuse_shard(launcher.index, "this is below the first index", *first, index);
    return checked(launcher.index, {i - from, number(launcher.count, *text, 1)});
  }

  const std::string& shown_;
  const Environment& environment_;
};

}  // namespace

Shard parse_shard(const Given& given, const Environment& environment) {
  const std::size_t slash = given.value.find('/');
  const std::string index = given.value.substr(0, slash);
  std::optional<std::size_t> count;
  if (slash != std::string::npos) count = number(given.shown, given.value.substr(slash + 1), 1);
  if (index == "auto") return FromEnvironment(given.shown, environment).whole(count);
  if (!count) refuse_shard(given.shown, "this is no shard", "I/N, as in 0/8, or auto", given.value);
  return checked(given.shown, {number(given.shown, index, 0), *count});
}

std::optional<Shard> shard_of(const Invocation& invocation) {
  const Given* const given = invocation.find("shard");
  if (given == nullptr) return std::nullopt;
  return parse_shard(*given, [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

}  // namespace blis
