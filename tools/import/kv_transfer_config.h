// KV blocks that leave the GPU or come from elsewhere, as `--kv-transfer-config` asks for them.
#pragma once

#include "tools/import/translation.h"

namespace blis {

void kv_transfer_config(const GivenArgument& given, Translation& into);

}  // namespace blis
