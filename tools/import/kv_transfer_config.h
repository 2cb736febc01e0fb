// KV blocks that leave the GPU or come from elsewhere, as `--kv-transfer-config` asks for them.
#pragma once

#include "tools/import/translation.h"

namespace blis {

// What stands against an engine that shares requests with another one, as long as that is not known.
inline constexpr const char* kSharesRequests =
    "one of two engines that share requests: pools with the roles prefill and decode";

void kv_transfer_config(const GivenArgument& given, Translation& into);

}  // namespace blis
