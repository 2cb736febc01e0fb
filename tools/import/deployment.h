// Deployment files (Compose, Kubernetes, Helm values, KServe, Dynamo) as settings of a scenario.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.h"
#include "tools/import/pasted_command.h"
#include "tools/import/translation.h"

namespace blis {

struct DeployedEngine {
  std::string name;  // of the container, service or model
  std::string role;  // prefill or decode, where the file says so; else empty
  Place place;
  Translation translation;
};

struct DeploymentFile {
  std::vector<DeployedEngine> engines;
  std::vector<Place> routers;       // files that configure llm-d's endpoint picker, whole
  std::vector<std::string> unused;  // what of the files says something that no scenario can, a sentence each
  std::vector<Problem> refused;     // why a container's command cannot be read, beside engines that can
};

// Every engine in a YAML text of one document or several, whose aliases and merge keys are followed. Throws
// InputError (usage) for what is no YAML, and for commands that vLLM would not take if nothing else is there.
DeploymentFile read_deployment(std::string_view text, const std::string& name);

// Whether a text looks like such a file at all.
bool is_deployment(std::string_view text, const std::string& name);

// The shapes of engines that such files have: each looks at one map, and adds what it is. False if it is not
// of this shape; what lies within is then looked at, too.
struct DeploymentNode {
  const Document& document;
  const Node& node;
  const std::vector<const Node*>& around;  // maps that it lies in, outermost first
};
using DeploymentShape = bool (*)(const DeploymentNode& at, DeploymentFile& into);
bool is_container(const DeploymentNode& at, DeploymentFile& into);              // Compose, Kubernetes, Dynamo
bool is_helm_model(const DeploymentNode& at, DeploymentFile& into);             // an item of modelSpec
bool is_vllm_runtime(const DeploymentNode& at, DeploymentFile& into);           // the production stack's
bool is_model_service(const DeploymentNode& at, DeploymentFile& into);          // llm-d's Helm values
bool is_kserve_model(const DeploymentNode& at, DeploymentFile& into);           // spec.predictor.model
bool is_llm_inference_service(const DeploymentNode& at, DeploymentFile& into);  // KServe
bool is_endpoint_picker(const DeploymentNode& at, DeploymentFile& into);        // llm-d

// What several shapes share. An argument by a key of a file: `--max-model-len=32k`.
void add_argument(const Document& document, const Node* node, const char* name, ShellCommand& words);
// hf://Qwen/Qwen3-8B is Qwen/Qwen3-8B.
std::string model_of(const std::string& uri);
// `vllm serve` of a map that names no command; `model` may be empty.
PastedCommand serve_command(const DeploymentNode& at, const std::string& model, ShellCommand words);
// An engine that a command runs, with how many of it there are.
void add_engine(std::string name, const DeploymentNode& at, const PastedCommand& command,
                DeploymentFile& into);
// The words of a `command` or `args`: a list as it is, a text as a shell splits it; $(NAME) from
// `environment`.
ShellCommand words_of(const Document& document, const Node* node, const std::vector<ShellWord>& environment);
// NAME=VALUE of `env` or `environment`: a list of {name, value}, a list of texts, or a map.
std::vector<ShellWord> environment_of(const Document& document, const Node& node);
std::string text_under(const Node& node, std::string_view key);

}  // namespace blis
