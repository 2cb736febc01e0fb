// Which code of vLLM is meant, for what came and went with its releases: a release, or mainline of a day.
#pragma once

#include <compare>
#include <string>

namespace blis {

// A release 0.N after all that are known, and a patch after all of its release.
constexpr int kNewestVllmMinor = 1000, kLastVllmPatch = 1000;

// The release 0.minor.patch; the last of 0.minor unless a patch is said.
struct VllmRelease {
  int minor = kNewestVllmMinor;
  int patch = kLastVllmPatch;
  friend constexpr auto operator<=>(const VllmRelease&, const VllmRelease&) = default;
};

struct VllmCode {
  VllmRelease release;   // or the last one before the day
  std::string day = {};  // of mainline, ISO form; empty: a release is meant
};

}  // namespace blis
