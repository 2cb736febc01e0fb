// The catalogs of models and GPUs: Hugging Face configs and data-sheet entries, read strictly into the
// values that roofline computes with. Only what is asked for is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "roofline/hardware.h"
#include "roofline/model_facts.h"
#include "scenarios/model_index.h"
#include "scenarios/vllm_version.h"

namespace blis {

// How a model is read.
struct ModelRules {
  int vllm_minor = kNewestVllmMinor;  // the release 0.N that shall serve it
  bool allow_unmodelled = false;  // leave out what is not modelled, and list it in ModelConfig::not_modelled
};

// The hint of every such refusal.
constexpr std::string_view kAllowUnmodelled =
    "--allow-unmodelled (`allow_unmodelled: true`) leaves out what is not modelled, and claims no accuracy";

// One model's files: `path` is its config.json, or the folder that holds it; beside it may lie
// hf_quant_config.json and generation_config.json. Throws InputError with all mistakes: usage; io if
// unreadable; not_modelled, with all that is not, for models that the arithmetic here does not have. `moot`
// receives the paths of all keys that decide nothing in these files.
ModelFacts read_model_facts(const std::string& path, const ModelRules& rules = {},
                            std::vector<std::string>* moot = nullptr);
ModelConfig read_model_config(const std::string& path, const ModelRules& rules = {});

// The entry called `gpu` (its key or an alias; letter case does not matter) of a hardware_config.json.
// Other entries are not checked. An unknown name throws InputError (usage) at `place`, with the nearest.
Hardware read_hardware(const std::string& path, std::string_view gpu, const Place& place = {});
// All entries.
std::vector<Hardware> read_all_hardware(const std::string& path);
// The entry of that name as it is written, on one line of JSON.
std::string hardware_entry(const std::string& path, std::string_view gpu, const Place& place = {});

// A data folder: hardware_config.json and model_configs/.
class Catalog {
 public:
  explicit Catalog(std::string folder) : folder_(std::move(folder)) {}
  // The same models with the GPUs of another hardware_config.json.
  Catalog with_hardware(std::string path) const {
    Catalog other = *this;
    other.hardware_path_ = std::move(path);
    return other;
  }

  // `name` is a folder of model_configs/ or a Hugging Face id whose last part is one, or is in index.json
  // (letter case does not matter; an organisation that is not known for the network is a remark of the
  // model); or a path, from `from`, to a config.json or its folder. A
  // path begins with `.` or `/` or ends in `.json`, or is a folder that is there. `place` is where the name
  // was written, for messages.
  ModelConfig model(const std::string& name, const std::string& from, const Place& place,
                    const ModelRules& rules = {}) const;
  Hardware hardware(std::string_view gpu, const Place& place) const;
  // Which folder, or config.json, model() reads.
  std::string model_path(const std::string& name, const std::string& from, const Place& place) const;
  std::string hardware_entry(std::string_view gpu) const;

  std::vector<std::string> model_names() const;   // sorted
  std::vector<IndexedModel> model_index() const;  // what is known of them beside their configs
  std::string hardware_path() const {
    return hardware_path_.empty() ? folder_ + "/hardware_config.json" : hardware_path_;
  }
  const std::string& folder() const { return folder_; }

 private:
  std::string other_id(const std::string& name, const std::string& path) const;

  std::string folder_;
  std::string hardware_path_;  // empty: the folder's
};

// Whether a model's name can only be a path.
bool looks_like_path(std::string_view name);

}  // namespace blis
