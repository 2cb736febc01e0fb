// The catalogs of models and GPUs: Hugging Face configs and data-sheet entries, read strictly into the
// values that roofline computes with. Only what is asked for is read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"
#include "roofline/hardware.h"
#include "roofline/model_facts.h"
#include "scenarios/model_index.h"
#include "scenarios/vllm_code.h"

namespace blis {

// How a model is read.
struct ModelRules {
  VllmCode vllm = {};             // that shall serve it
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
// The same of several catalogs, of which the first that has the name counts.
Hardware read_hardware(std::span<const std::string> paths, std::string_view gpu, const Place& place = {});
// One entry on its own, with its name above it or (then it is called `unnamed`) without. `name` stands for
// the text in messages.
Hardware read_gpu_entry(std::string_view text, const std::string& name, const std::string& unnamed);
// All entries.
std::vector<Hardware> read_all_hardware(const std::string& path);
// The entry of that name as it is written, on one line of JSON.
std::string hardware_entry(std::span<const std::string> paths, std::string_view gpu, const Place& place = {});

// Data folders, laid one over another: each with a hardware_config.json or model_configs/, or both.
class Catalog {
 public:
  // One folder, or several with `:` between them, of which the first that has something counts.
  explicit Catalog(std::string folders);
  // The same models with the GPUs of another hardware_config.json.
  Catalog with_hardware(std::string path) const {
    Catalog other = *this;
    other.own_hardware_ = std::move(path);
    return other;
  }

  // `name` is a folder of model_configs/ or a Hugging Face id whose last part is one, or is in index.json
  // (letter case does not matter; an organisation that is not known for the network is a remark of the
  // model); or a path, from `from`, to a config.json or its folder. A
  // path begins with `.` or `/` or ends in `.json`, or is a folder that is there. `place` is where the name
  // was written, for messages.
  ModelConfig model(const std::string& name, const std::string& from, const Place& place,
                    const ModelRules& rules = {}) const;
  // `gpu` is a key or alias; or a path, from `from`, to a file of one entry; or such an entry itself.
  Hardware hardware(std::string_view gpu, const Place& place, const std::string& from = "") const;
  // Which folder, or config.json, model() reads.
  std::string model_path(const std::string& name, const std::string& from, const Place& place) const;
  // The text that hardware() reads.
  std::string hardware_entry(std::string_view gpu, const std::string& from = "") const;

  std::vector<std::string> model_names() const;   // sorted, each once
  std::vector<IndexedModel> model_index() const;  // what is known of them beside their configs
  std::vector<Hardware> all_hardware() const;     // of names that occur twice the first

  // The first folder's file or folder of that name; where none has it, as if the first had.
  std::string find(std::string_view relative) const;
  std::string hardware_path() const {
    return own_hardware_.empty() ? find("hardware_config.json") : own_hardware_;
  }
  // As given to the constructor.
  const std::string& folders() const { return text_; }

 private:
  enum class Where { path, catalog, hub_cache };
  struct Located {
    Where where;
    std::string path;
  };
  Located locate(const std::string& name, const std::string& from, const Place& place) const;
  std::string other_id(const std::string& name, const Located& at) const;
  std::vector<std::string> hardware_paths() const;
  std::vector<std::string> all(std::string_view relative) const;

  std::string text_;
  std::vector<std::string> folders_;
  std::string own_hardware_;  // empty: the folders'
};

// Whether a model's name can only be a path.
bool looks_like_path(std::string_view name);

}  // namespace blis
