// What engines look like in files of Compose, Kubernetes, Helm, KServe and llm-d. Sources: Compose's and
// Kubernetes' references; helm/values.yaml of vllm-project/production-stack; KServe's LLMInferenceService
// v1alpha1.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "scenarios/epp_file.h"
#include "tools/import/deployment.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

// An argument by a key of a file: `--max-model-len=32k`.
void argument(const Document& document, const Node* node, const char* name, ShellCommand& words) {
  if (!node || node->kind != Node::Kind::scalar) return;
  words.push_back(
      {.text = fmt::format("--{}={}", name, node->text), .place = value_place(document, *node), .unset = {}});
}

// hf://Qwen/Qwen3-8B is Qwen/Qwen3-8B.
std::string model_of(std::string uri) {
  const std::string scheme = "hf://";
  return uri.starts_with(scheme) ? uri.substr(scheme.size()) : uri;
}

PastedCommand serve_command(const DeploymentNode& at, const std::string& model, ShellCommand words) {
  const Place place = value_place(at.document, at.node);
  if (!model.empty()) words.insert(words.begin(), {.text = model, .place = place, .unset = {}});
  return {.program = Program::vllm_serve,
          .shown = "vllm serve",
          .place = place,
          .arguments = std::move(words),
          .environment = environment_of(at.document, at.node),
          .version = {}};
}

void append(ShellCommand& words, ShellCommand more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

bool is_container(const DeploymentNode& at, DeploymentFile& into) {
  const Node* const image = at.node.find("image");
  if (!image || image->kind != Node::Kind::scalar) return false;
  const std::vector<ShellWord> environment = environment_of(at.document, at.node);
  const auto words = [&](const char* key) { return words_of(at.document, at.node.find(key), environment); };
  // Kubernetes replaces the image's program with `command` and gives it `args`; Compose's are `entrypoint`
  // and `command`.
  ShellCommand program = words("entrypoint"), arguments = words("command");
  if (at.node.find("args")) {
    program = std::move(arguments);
    arguments = words("args");
  }
  const ShellWord image_word{.text = image->text, .place = value_place(at.document, *image), .unset = {}};
  std::optional<PastedCommand> command = in_container(image_word, program, arguments);
  if (!command) return false;
  if (!command->is_server()) return true;
  command->environment.insert(command->environment.end(), environment.begin(), environment.end());
  std::string name = text_under(at.node, "name");
  if (name.empty()) name = text_under(at.node, "container_name");
  if (name.empty()) name = at.node.key;
  // Dynamo's lies two maps below its service.
  if (name == "mainContainer" && at.around.size() > 1) name = at.around[at.around.size() - 2]->key;
  add_engine(name, at, *command, into);
  return true;
}

bool is_helm_model(const DeploymentNode& at, DeploymentFile& into) {
  const Node* const url = at.node.find("modelURL");
  if (!url) return false;
  struct Key {
    const char *key, *argument;
  };
  constexpr std::array kKeys{
      Key{"tensorParallelSize", "tensor-parallel-size"},
      Key{"pipelineParallelSize", "pipeline-parallel-size"},
      Key{"maxModelLen", "max-model-len"},
      Key{"maxNumSeqs", "max-num-seqs"},
      Key{"dtype", "dtype"},
      Key{"gpuMemoryUtilization", "gpu-memory-utilization"},
      Key{"maxLoras", "max-loras"},
  };
  constexpr std::array kSwitches{Key{"enablePrefixCaching", "enable-prefix-caching"},
                                 Key{"enableChunkedPrefill", "enable-chunked-prefill"}};
  ShellCommand words;
  if (const Node* const config = at.node.find("vllmConfig")) {
    for (const Key& key : kKeys) argument(at.document, config->find(key.key), key.argument, words);
    for (const Key& key : kSwitches) {
      const Node* const node = config->find(key.key);
      if (node) {
        words.push_back({.text = fmt::format("--{}{}", node->text == "false" ? "no-" : "", key.argument),
                         .place = value_place(at.document, *node),
                         .unset = {}});
      }
    }
    append(words, words_of(at.document, config->find("extraArgs"), {}));
  }
  PastedCommand command = serve_command(at, url->text, std::move(words));
  if (const Node* const tag = at.node.find("tag")) {
    const ShellWord image{.text = "vllm:" + tag->text, .place = value_place(at.document, *tag), .unset = {}};
    if (const auto tagged = in_container(image, {}, command.arguments)) command.version = tagged->version;
  }
  std::vector<const Node*> around = at.around;
  around.push_back(&at.node);  // with its replicaCount
  add_engine(text_under(at.node, "name"), {at.document, at.node, around}, command, into);
  const Node* const offload = at.node.find("lmcacheConfig");
  if (offload && text_under(*offload, "enabled") == "true") {
    into.engines.back().translation.lacking.push_back({.place = value_place(at.document, *offload),
                                                       .message = "lmcacheConfig is not modelled",
                                                       .hint = "KV blocks in host memory"});
  }
  return true;
}

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
    argument(at.document, parallel->find("tensor"), "tensor-parallel-size", words);
    argument(at.document, parallel->find("pipeline"), "pipeline-parallel-size", words);
    argument(at.document, parallel->find("data"), "data-parallel-size", words);
    if (text_under(*parallel, "expert") == "true") {
      words.push_back(
          {.text = "--enable-expert-parallel", .place = value_place(at.document, *parallel), .unset = {}});
    }
  }
  std::vector<ShellWord> environment;
  const Node* const pod = spec->find("template");
  const Node* const containers = pod ? pod->find("containers") : nullptr;
  if (containers && !containers->children.empty()) {
    const Node& main = containers->children.front();
    environment = environment_of(at.document, main);
    append(words, words_of(at.document, main.find("args"), environment));
    for (const ShellWord& variable : environment) {
      const std::string more = "VLLM_ADDITIONAL_ARGS=";
      if (!variable.text.starts_with(more)) continue;
      for (ShellCommand& one : shell_commands(variable.text.substr(more.size()), to_string(variable.place)))
        append(words, std::move(one));
    }
  }
  std::vector<const Node*> around = at.around;
  around.push_back(spec);
  PastedCommand command = serve_command(at, model_of(text_under(*model, "uri")), std::move(words));
  command.environment = environment;
  const Node* const metadata = at.node.find("metadata");
  add_engine(metadata ? text_under(*metadata, "name") : "", {at.document, at.node, around}, command, into);
  if (const Node* const prefill = spec->find("prefill")) {
    into.engines.back().translation.lacking.push_back({.place = value_place(at.document, *prefill),
                                                       .message = "`prefill` is not modelled",
                                                       .hint = "prefill apart from decode"});
  }
  return true;
}

bool is_endpoint_picker(const DeploymentNode& at, DeploymentFile& into) {
  const bool whole = &at.node == &at.document.root;
  const bool config = text_under(at.node, "kind") == "EndpointPickerConfig";
  if (whole && is_epp_file(at.document)) {
    into.routers.push_back(value_place(at.document, at.node));
  } else if (config) {
    into.unused.push_back(
        fmt::format("{}: an EndpointPickerConfig: `router.config` of a scenario names a file of its own",
                    to_string(value_place(at.document, at.node))));
  }
  return config;
}

}  // namespace blis
