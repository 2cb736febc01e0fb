// A number that a policy can be told: its name, its range, and what it is where nobody says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace blis {

struct PolicyParameter {
  enum class Kind : std::uint8_t { number, integer, boolean, duration };  // of seconds, as Go writes them
  std::string_view name;
  double standard = 0;
  double low = 0, high = 1e9;
  Kind kind = Kind::number;
};

constexpr std::size_t kPolicyParameters = 6;  // that a policy has at most

}  // namespace blis
