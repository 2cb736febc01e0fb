// The cache that Hugging Face's tools keep: configs of models that were downloaded once.
#pragma once

#include <string>
#include <string_view>

namespace blis {

// Whether a name is an id as Hugging Face has them: `org/name`.
bool is_model_id(std::string_view name);

// The folder of the snapshot that `org/name` stands for, which holds its config.json: that of `main`, else
// the one written last. Empty if there is none. The cache lies where HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE or
// HF_HOME says, else in ~/.cache/huggingface/hub. Source: huggingface_hub, "Understand caching":
// models--ORG--NAME/refs/main, snapshots/COMMIT/.
std::string cached_snapshot(std::string_view id);

// The same of a folder models--ORG--NAME, wherever it lies.
std::string snapshot_in(const std::string& folder);

}  // namespace blis
