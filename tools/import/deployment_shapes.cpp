// What engines look like in files of Compose, Kubernetes and Dynamo, and llm-d's router. Sources: Compose's
// and Kubernetes' references; Dynamo's DynamoGraphDeployment, v1alpha1 and v1beta1.
#include <fmt/core.h>

#include "scenarios/epp_file.h"
#include "tools/import/deployment.h"

namespace blis {
namespace {

// As people know the engine: the service of Dynamo that it lies in, else what the container is called.
std::string name_of(const DeploymentNode& at) {
  const std::string own = text_under(at.node, "name");
  for (auto map = at.around.rbegin(); map != at.around.rend(); ++map) {
    if ((*map)->find("podTemplate") && (*map)->find("name")) return text_under(**map, "name");
    if ((*map)->find("extraPodSpec")) return (*map)->key;
  }
  if (!own.empty()) return own;
  const std::string container = text_under(at.node, "container_name");
  return container.empty() ? at.node.key : container;
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
  const std::optional<PastedCommand> command = in_container(image_word, program, arguments, environment);
  if (!command) return false;
  if (command->is_server()) add_engine(name_of(at), at, *command, into);
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
