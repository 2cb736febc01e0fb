// What is known of the catalog's models beside their configs: model_configs/index.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

struct IndexedModel {
  std::string folder;              // of model_configs/
  std::string id;                  // on Hugging Face, where its config is from
  std::optional<double> billions;  // parameters as published, of what is loaded
  std::vector<std::string> also;   // ids of checkpoints of the same network
  std::string waits_for;           // the kind of layer that it is refused for; empty: it is modelled
};

// All of them; none if there is no such file. Throws InputError with all mistakes.
std::vector<IndexedModel> read_model_index(const std::string& path);

// The model whose folder, or the last part of one of whose ids, is `name` in lower case; or nullptr.
const IndexedModel* find_indexed(const std::vector<IndexedModel>& index, std::string_view name);

}  // namespace blis
