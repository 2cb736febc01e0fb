// Engines of KServe. Sources: its InferenceService, and LLMInferenceService v1alpha1 and v1alpha2.
#include <fmt/core.h>

#include <algorithm>

#include "tools/import/deployment.h"

namespace blis {
namespace {

void append(ShellCommand& words, ShellCommand more) {
  words.insert(words.end(), more.begin(), more.end());
}

// The model's weights may lie anywhere; what it is called says which it is.
std::string model_name(const Node& model) {
  const std::string uri = text_under(model, "uri"), name = text_under(model, "name");
  const bool is_elsewhere = !uri.starts_with("hf://") && uri.find("://") != std::string::npos;
  return is_elsewhere && !name.empty() ? name : model_of(uri);
}

// What its containers say in words.
void add_container(const DeploymentNode& at, const Node& main, ShellCommand& words) {
  const std::vector<ShellWord> environment = environment_of(at.document, main);
  append(words, words_of(at.document, main.find("args"), environment));
  for (ShellWord variable : environment) {
    const std::string more = "VLLM_ADDITIONAL_ARGS=";
    if (!variable.text.starts_with(more)) continue;
    variable.text.erase(0, more.size());
    for (ShellCommand& one : shell_commands_within(variable)) append(words, std::move(one));
  }
}

// KServe loads a model's adapters with --enable-lora.
void add_adapters(const DeploymentNode& at, const Node& model, ShellCommand& words) {
  const Node* const lora = model.find("lora");
  const Node* const adapters = lora ? lora->find("adapters") : nullptr;
  if (!adapters || adapters->children.empty()) return;
  const auto add = [&](std::string text) {
    words.push_back({.text = std::move(text), .place = value_place(at.document, *adapters), .unset = {}});
  };
  add("--enable-lora");
  add("--lora-modules");
  for (const Node& adapter : adapters->children)
    add(fmt::format("{}={}", text_under(adapter, "name"), text_under(adapter, "uri")));
}

// What of a service no scenario has from it.
void note_rest(const DeploymentNode& at, const Node& spec, DeploymentFile& into) {
  const auto lack = [&](const Node* node, const char* message, const char* about) {
    if (!node) return;
    into.engines.back().translation.lacking.push_back(
        {.place = value_place(at.document, *node), .message = message, .hint = about});
  };
  const auto unused = [&](const Node* node, const char* about) {
    if (node) into.unused.push_back(fmt::format("{}: {}", to_string(value_place(at.document, *node)), about));
  };
  lack(spec.find("prefill"), "`prefill` is not modelled", "prefill apart from decode");
  const Node* const workload = spec.find("workload");
  const Node* const offload = workload && workload->find("kvCacheOffloading")
                                  ? workload->find("kvCacheOffloading")
                                  : spec.find("kvCacheOffloading");
  lack(offload, "`kvCacheOffloading` is not modelled", "KV blocks in host memory: engine.kv_offloading_size");
  unused(spec.find("scaling"), "scaling: the number of replicas does not change during a run");
  unused(spec.find("baseRefs"), "baseRefs: what other files add to this service is not read");
  const Node* const router = spec.find("router");
  unused(router ? router->find("scheduler") : nullptr,
         "llm-d's router chooses among replicas: `router.policy: epp` of a scenario, with its file");
}

}  // namespace

bool is_kserve_model(const DeploymentNode& at, DeploymentFile& into) {
  const bool has_format = at.node.find("modelFormat") != nullptr;
  if (!has_format) return false;
  const std::vector<ShellWord> environment = environment_of(at.document, at.node);
  ShellCommand words = words_of(at.document, at.node.find("args"), environment);
  const bool names_model = std::ranges::any_of(words, [](const ShellWord& word) {
    return word.text.starts_with("--model=") || word.text == "--model" || word.text.starts_with("--model_id");
  });
  for (ShellWord& word : words) {  // the Hugging Face runtime's own names
    if (word.text.starts_with("--model_id")) word.text.replace(0, 10, "--model");
    if (word.text.starts_with("--model_name")) word.text.replace(0, 12, "--served-model-name");
    if (word.text.starts_with("--model_dir")) word.text.replace(0, 11, "--download-dir");
  }
  const std::string uri = model_of(text_under(at.node, "storageUri"));
  const Node* const metadata = at.around.empty() ? nullptr : at.around.front()->find("metadata");
  const std::string name = metadata ? text_under(*metadata, "name") : at.node.key;
  add_engine(name, at, serve_command(at, names_model ? "" : uri, std::move(words)), into);
  return true;
}

bool is_llm_inference_service(const DeploymentNode& at, DeploymentFile& into) {
  if (text_under(at.node, "kind") != "LLMInferenceService") return false;
  const Node* const spec = at.node.find("spec");
  const Node* const model = spec ? spec->find("model") : nullptr;
  if (!model) return false;
  ShellCommand words;
  if (const Node* const parallel = spec->find("parallelism")) {
    add_argument(at.document, parallel->find("tensor"), "tensor-parallel-size", words);
    add_argument(at.document, parallel->find("pipeline"), "pipeline-parallel-size", words);
    add_argument(at.document, parallel->find("data"), "data-parallel-size", words);
    if (text_under(*parallel, "expert") == "true") {
      words.push_back(
          {.text = "--enable-expert-parallel", .place = value_place(at.document, *parallel), .unset = {}});
    }
  }
  add_adapters(at, *model, words);
  const Node* const pod = spec->find("template");
  const Node* const containers = pod ? pod->find("containers") : nullptr;
  const Node* const main =
      containers && !containers->children.empty() ? &containers->children.front() : nullptr;
  if (main) add_container(at, *main, words);
  std::vector<const Node*> around = at.around;
  around.push_back(spec);
  PastedCommand command = serve_command(at, model_name(*model), std::move(words));
  if (main) {
    command.environment = environment_of(at.document, *main);
    if (const Node* const image = main->find("image"))
      command.image = ShellWord{.text = image->text, .place = value_place(at.document, *image), .unset = {}};
  }
  const Node* const metadata = at.node.find("metadata");
  add_engine(metadata ? text_under(*metadata, "name") : "", {at.document, at.node, around}, command, into);
  note_rest(at, *spec, into);
  return true;
}

}  // namespace blis
