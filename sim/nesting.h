// How deep documents of users may nest: what walks through them by recursion relies on it.
#pragma once

namespace blis {

constexpr int kMaxDepth = 64;

}  // namespace blis
