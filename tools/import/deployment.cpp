#include "tools/import/deployment.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "scenarios/scalar.h"
#include "scenarios/yaml_documents.h"
#include "sim/letter_case.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

constexpr std::array<DeploymentShape, 5> kShapes{is_endpoint_picker, is_llm_inference_service, is_helm_model,
                                                 is_kserve_model, is_container};

void walk(const Document& document, const Node& node, std::vector<const Node*>& around,
          DeploymentFile& into) {
  if (node.kind == Node::Kind::map) {
    const DeploymentNode at{document, node, around};
    for (const DeploymentShape is_shape : kShapes) {
      if (is_shape(at, into)) return;
    }
    around.push_back(&node);
  }
  for (const Node& child : node.children) walk(document, child, around, into);
  if (node.kind == Node::Kind::map) around.pop_back();
}

// Which GPU a node must have, by the labels that clouds and drivers give it: a name of the catalog, and
// where.
struct WantedGpu {
  std::string name;
  Place place;
};
std::optional<WantedGpu> wanted_gpu(const Document& document, const Node& node) {
  struct Label {
    std::string_view part, more, gpu;  // both parts are in the label's value
  };
  constexpr std::array kLabels{Label{"h200", "", "H200"},
                               Label{"h100", "pcie", "H100-PCIe"},
                               Label{"h100", "nvl", "H100-NVL"},
                               Label{"h100", "", "H100"},
                               Label{"a100", "40gb", "A100-SXM-40GB"},
                               Label{"a100", "pcie", "A100-PCIe"},
                               Label{"a100", "", "A100"},
                               Label{"l40s", "", "L40S"},
                               Label{"b200", "", "B200"},
                               Label{"-l4", "", "L4"}};
  const bool is_label =
      node.key.find("gpu.product") != std::string::npos || node.key.find("accelerator") != std::string::npos;
  if (is_label && node.kind == Node::Kind::scalar) {
    const std::string value = lower_case(node.text);
    for (const Label& label : kLabels) {
      if (value.find(label.part) != std::string::npos && value.find(label.more) != std::string::npos)
        return WantedGpu{std::string(label.gpu), value_place(document, node)};
    }
  }
  for (const Node& child : node.children) {
    if (auto found = wanted_gpu(document, child)) return found;
  }
  return std::nullopt;
}

// How many there are, by the nearest map around that says it.
void replicas(const DeploymentNode& at, Translation& into) {
  std::vector<const Node*> maps = at.around;
  maps.push_back(&at.node);
  for (auto map = maps.rbegin(); map != maps.rend(); ++map) {
    for (const char* const key : {"replicas", "replicaCount"}) {
      const Node* count = (*map)->find(key);
      if (!count) {
        const Node* const deploy = (*map)->find("deploy");
        count = deploy ? deploy->find(key) : nullptr;
      }
      if (!count || count->kind != Node::Kind::scalar || !strict_integer(count->text).value) continue;
      if (count->text != "1" && count->text != "0")
        into.set("replicas", count->text, to_string(value_place(at.document, *count)));
      return;
    }
  }
}

// How the production stack's Helm values say that its router chooses, for the engines from `first` on.
// Source: github.com/vllm-project/production-stack, helm/values.yaml.
void add_routing(const Document& document, std::size_t first, DeploymentFile& into) {
  struct Logic {
    std::string_view theirs, ours;
  };
  constexpr std::array kLogics{Logic{"roundrobin", "round_robin"}, Logic{"session", "session"},
                               Logic{"prefixaware", "prefix_aware"}};
  const Node* const router = document.root.find("routerSpec");
  const Node* const logic = router ? router->find("routingLogic") : nullptr;
  if (!logic) return;
  const std::string place = to_string(value_place(document, *logic));
  const auto known = std::ranges::find(kLogics, std::string_view(logic->text), &Logic::theirs);
  if (known == kLogics.end()) {
    into.unused.push_back(fmt::format("{}: the routing logic `{}`: `router.policy` of a scenario names one",
                                      place, logic->text));
    return;
  }
  for (std::size_t i = first; i < into.engines.size(); ++i)
    into.engines[i].translation.set("router.policy", std::string(known->ours), place);
}

void note_autoscaler(const Document& document, DeploymentFile& into) {
  const std::string kind = text_under(document.root, "kind");
  if (kind != "HorizontalPodAutoscaler" && kind != "ScaledObject") return;
  into.unused.push_back(fmt::format("{}: {}: the number of replicas does not change during a run",
                                    to_string(value_place(document, document.root)), kind));
}

}  // namespace

std::string text_under(const Node& node, std::string_view key) {
  const Node* const child = node.find(key);
  return child && child->kind == Node::Kind::scalar ? child->text : std::string();
}

std::vector<ShellWord> environment_of(const Document& document, const Node& node) {
  std::vector<ShellWord> words;
  for (const char* const key : {"env", "environment", "envs"}) {
    const Node* const list = node.find(key);
    if (!list) continue;
    for (const Node& item : list->children) {
      const Place place = value_place(document, item);
      if (list->kind == Node::Kind::map) {
        words.push_back({.text = item.key + "=" + item.text, .place = place, .unset = {}});
      } else if (item.kind == Node::Kind::scalar) {
        words.push_back({.text = item.text, .place = place, .unset = {}});
      } else if (item.find("value")) {
        words.push_back({.text = text_under(item, "name") + "=" + text_under(item, "value"),
                         .place = place,
                         .unset = {}});
      }
    }
  }
  return words;
}

ShellCommand words_of(const Document& document, const Node* node, const std::vector<ShellWord>& environment) {
  if (!node) return {};
  if (node->kind == Node::Kind::scalar) {
    // As a shell would, on one line; `bash -c` gets its text whole.
    std::vector<ShellCommand> commands = shell_commands(node->text, to_string(value_place(document, *node)));
    return commands.empty() ? ShellCommand{} : commands.back();
  }
  ShellCommand words;
  for (const Node& item : node->children) {
    std::string text = item.text;
    for (const ShellWord& variable : environment) {
      const std::size_t equals = variable.text.find('=');
      if (equals == std::string::npos) continue;
      const std::string reference = "$(" + variable.text.substr(0, equals) + ")";
      const std::string value = variable.text.substr(equals + 1);
      for (std::size_t at = text.find(reference); at != std::string::npos;
           at = text.find(reference, at + value.size())) {
        text.replace(at, reference.size(), value);
      }
    }
    ShellCommand one = plain_words({std::move(text)}, value_place(document, item));
    words.push_back(std::move(one[0]));
  }
  return words;
}

void add_engine(std::string name, const DeploymentNode& at, const PastedCommand& command,
                DeploymentFile& into) {
  DeployedEngine engine{.name = std::move(name),
                        .place = value_place(at.document, at.node),
                        .translation = serve_settings(command)};
  replicas(at, engine.translation);
  into.engines.push_back(std::move(engine));
}

bool is_deployment(std::string_view text, const std::string& name) {
  constexpr std::array<std::string_view, 4> kTopKeys{"apiVersion", "services", "servingEngineSpec", "kind"};
  try {
    const std::vector<Document> documents = parse_yaml_documents(text, name);
    return std::ranges::any_of(documents, [&](const Document& document) {
      return std::ranges::any_of(kTopKeys,
                                 [&](std::string_view key) { return document.root.find(key) != nullptr; });
    });
  } catch (const InputError&) {
    return false;  // whatever it is
  }
}

DeploymentFile read_deployment(std::string_view text, const std::string& name) {
  DeploymentFile deployment;
  const std::vector<Document> documents = parse_yaml_documents(text, name);
  for (const Document& document : documents) {
    std::vector<const Node*> around;
    const std::size_t before = deployment.engines.size();
    walk(document, document.root, around, deployment);
    if (const auto gpu = wanted_gpu(document, document.root)) {
      for (std::size_t i = before; i < deployment.engines.size(); ++i)
        deployment.engines[i].translation.set("hardware.gpu", gpu->name, to_string(gpu->place));
    }
    add_routing(document, before, deployment);
    note_autoscaler(document, deployment);
  }
  if (documents.size() > 1) {
    for (const Place& router : std::exchange(deployment.routers, {})) {
      deployment.unused.push_back(fmt::format(
          "{}: llm-d's router: `router.config` of a scenario names a file of its own", to_string(router)));
    }
  }
  return deployment;
}

}  // namespace blis
