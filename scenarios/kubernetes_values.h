// Values as Kubernetes and Go write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace blis {

// A resource quantity: 500, 1.5k, 1G, 512Mi. In whole units, rounded up; nothing if it is none, or too large.
std::optional<std::int64_t> kubernetes_quantity(std::string_view text);

// A duration: 60s, 1m30s, 200ms, 0. In seconds; nothing if it is none.
std::optional<double> go_duration_s(std::string_view text);

}  // namespace blis
