// Time of a vision encoder over the items of a step.
#pragma once

#include "roofline/layer_time.h"

namespace blis {

// `embeds` embeddings of items; `pairs`: the sum of their squares, as all patches of an item look at each
// other (windows of Qwen2.5-VL are not taken off). Products have the efficiencies of the language model's,
// and attention that of a product: no encoder was measured.
KernelCost encoder_time(const Deployment& deployment, const VisionEncoder& encoder, double embeds,
                        double pairs);

}  // namespace blis
