// Engines of the vLLM production stack: Helm values and its operator's VLLMRuntime. Sources: helm/values.yaml
// with the templates, and operator/api, of github.com/vllm-project/production-stack.
#include <fmt/core.h>

#include <array>

#include "tools/import/deployment.h"

namespace blis {
namespace {

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
    Key{"runner", "runner"},
    Key{"convert", "convert"},
};
constexpr std::array kSwitches{Key{"enablePrefixCaching", "enable-prefix-caching"},
                               Key{"enableChunkedPrefill", "enable-chunked-prefill"},
                               Key{"enableLoRA", "enable-lora"}};

void add_keys(const Document& document, const Node* map, ShellCommand& words) {
  if (!map) return;
  for (const Key& key : kKeys) add_argument(document, map->find(key.key), key.argument, words);
  for (const Key& key : kSwitches) {
    const Node* const node = map->find(key.key);
    if (!node || node->kind != Node::Kind::scalar) continue;
    words.push_back({.text = fmt::format("--{}{}", node->text == "false" ? "no-" : "", key.argument),
                     .place = value_place(document, *node),
                     .unset = {}});
  }
  const ShellCommand more = words_of(document, map->find("extraArgs"), {});
  words.insert(words.end(), more.begin(), more.end());
}

void note_lacking(const DeploymentNode& at, const Node* node, std::string message, std::string about,
                  DeploymentFile& into) {
  into.engines.back().translation.lacking.push_back(
      {.place = value_place(at.document, *node), .message = std::move(message), .hint = std::move(about)});
}

// What the values say beside arguments.
void note_rest(const DeploymentNode& at, const Node* config, const Node* offload, DeploymentFile& into) {
  if (offload && text_under(*offload, "enabled") == "true")
    note_lacking(at, offload, "lmcacheConfig is not modelled", "KV blocks in host memory", into);
  const Node* const old = config ? config->find("v0") : nullptr;
  if (old && old->text == "1")
    note_lacking(at, old, "v0: 1 is not modelled", "the engine V0 is another one", into);
  for (const char* const key : {"keda", "autoscalingConfig"}) {
    const Node* const scaling = at.node.find(key);
    if (scaling && text_under(*scaling, "enabled") == "true")
      into.unused.push_back(fmt::format("{}: {}: the number of replicas does not change during a run",
                                        to_string(value_place(at.document, *scaling)), key));
  }
}

}  // namespace

bool is_helm_model(const DeploymentNode& at, DeploymentFile& into) {
  const Node* const url = at.node.find("modelURL");
  if (!url) return false;
  if (text_under(at.node, "enabled") == "false") return true;
  const Node* const config = at.node.find("vllmConfig");
  ShellCommand words;
  add_keys(at.document, config, words);
  if (text_under(at.node, "enableLoRA") == "true")
    words.push_back({.text = "--enable-lora", .place = value_place(at.document, at.node), .unset = {}});
  PastedCommand command = serve_command(at, url->text, std::move(words));
  if (const Node* const tag = at.node.find("tag")) {
    command.image = ShellWord{.text = text_under(at.node, "repository") + ":" + tag->text,
                              .place = value_place(at.document, *tag),
                              .unset = {}};
  }
  std::vector<const Node*> around = at.around;
  around.push_back(&at.node);  // with its replicaCount
  add_engine(text_under(at.node, "name"), {at.document, at.node, around}, command, into);
  note_rest(at, config, at.node.find("lmcacheConfig"), into);
  return true;
}

bool is_vllm_runtime(const DeploymentNode& at, DeploymentFile& into) {
  if (text_under(at.node, "kind") != "VLLMRuntime") return false;
  const Node* const spec = at.node.find("spec");
  const Node* const model = spec ? spec->find("model") : nullptr;
  if (!model) return false;
  const Node* const config = spec->find("vllmConfig");
  ShellCommand words;
  add_keys(at.document, model, words);
  add_keys(at.document, config, words);
  PastedCommand command = serve_command(at, text_under(*model, "modelURL"), std::move(words));
  if (config) command.environment = environment_of(at.document, *config);
  std::vector<const Node*> around{spec};
  if (const Node* const deployment = spec->find("deploymentConfig")) {
    around.push_back(deployment);  // with its replicas
    if (const Node* const image = deployment->find("image"))
      command.image = ShellWord{
          .text = text_under(*image, "name"), .place = value_place(at.document, *image), .unset = {}};
  }
  const Node* const metadata = at.node.find("metadata");
  add_engine(metadata ? text_under(*metadata, "name") : "", {at.document, *spec, around}, command, into);
  note_rest({at.document, *spec, around}, config, spec->find("lmCacheConfig"), into);
  return true;
}

}  // namespace blis
