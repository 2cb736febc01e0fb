// Helm values of llm-d's model service: engines for prefill and decode. Source: charts/llm-d-modelservice of
// github.com/llm-d-incubation/llm-d-modelservice.
#include <fmt/core.h>

#include "tools/import/deployment.h"

namespace blis {
namespace {

// The container that gets the model: {name of its role, its map}.
const Node* engine_container(const Node& role) {
  const Node* const containers = role.find("containers");
  if (!containers || containers->children.empty()) return nullptr;
  for (const Node& one : containers->children) {
    if (text_under(one, "modelCommand") == "vllmServe") return &one;
  }
  return &containers->children[0];
}

void add_role(const DeploymentNode& at, const char* name, const std::string& model, DeploymentFile& into) {
  const Node* const role = at.node.find(name);
  if (!role || text_under(*role, "create") == "false" || text_under(*role, "replicas") == "0") return;
  const Node* const container = engine_container(*role);
  if (!container) return;
  ShellCommand words;
  if (const Node* const parallel = role->find("parallelism")) {
    add_argument(at.document, parallel->find("tensor"), "tensor-parallel-size", words);
    add_argument(at.document, parallel->find("data"), "data-parallel-size", words);
  }
  const std::vector<ShellWord> environment = environment_of(at.document, *container);
  const ShellCommand more = words_of(at.document, container->find("args"), environment);
  words.insert(words.end(), more.begin(), more.end());
  const std::vector<const Node*> around{role};
  const DeploymentNode inner{at.document, *container, around};
  PastedCommand command = serve_command(inner, model, std::move(words));
  const Node* const image = container->find("image");
  if (image && image->kind == Node::Kind::scalar)
    command.image = ShellWord{.text = image->text, .place = value_place(at.document, *image), .unset = {}};
  add_engine(name, inner, command, into);
  into.engines.back().role = name;
}

}  // namespace

bool is_model_service(const DeploymentNode& at, DeploymentFile& into) {
  const Node* const artifacts = at.node.find("modelArtifacts");
  if (!artifacts || !at.node.find("decode")) return false;
  std::string model = model_of(text_under(*artifacts, "uri"));
  // The chart's own default is hf:// and the name.
  if (model.empty() || model.find("{{") != std::string::npos) model = text_under(*artifacts, "name");
  add_role(at, "decode", model, into);
  add_role(at, "prefill", model, into);
  return true;
}

}  // namespace blis
