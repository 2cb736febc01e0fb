#include "tools/import/deployment.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "scenarios/scalar.h"
#include "scenarios/yaml_documents.h"
#include "tools/import/gpu_label.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

constexpr std::array<DeploymentShape, 7> kShapes{
    is_endpoint_picker, is_llm_inference_service, is_vllm_runtime, is_model_service,
    is_helm_model,      is_kserve_model,          is_container};

void walk(const Document& document, const Node& node, std::vector<const Node*>& around,
          DeploymentFile& into) {
  if (node.kind == Node::Kind::map) {
    const DeploymentNode at{document, node, around};
    try {
      for (const DeploymentShape is_shape : kShapes) {
        if (is_shape(at, into)) return;
      }
    } catch (const InputError& error) {
      into.refused.insert(into.refused.end(), error.problems().begin(), error.problems().end());
      return;
    }
    around.push_back(&node);
  }
  for (const Node& child : node.children) walk(document, child, around, into);
  if (node.kind == Node::Kind::map) around.pop_back();
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

// By the label that llm-d's router goes by, of the nearest map around that has it.
std::string role_of(const DeploymentNode& at) {
  for (auto map = at.around.rbegin(); map != at.around.rend(); ++map) {
    const Node* const metadata = (*map)->find("metadata");
    const Node* const labels = metadata ? metadata->find("labels") : nullptr;
    std::string role = labels ? text_under(*labels, "llm-d.ai/role") : "";
    if (role == "prefill" || role == "decode") return role;
  }
  return "";
}

// The GPU that the file asks for, of the engines from `first` on.
void add_gpu(const Document& document, std::size_t first, DeploymentFile& into) {
  const auto gpu = wanted_gpu(document, document.root);
  if (!gpu) return;
  const std::string place = to_string(gpu->place);
  if (gpu->name.empty()) {
    into.unused.push_back(fmt::format("{}: the GPU `{}`, which is not known here", place, gpu->label));
    return;
  }
  for (std::size_t i = first; i < into.engines.size(); ++i)
    into.engines[i].translation.set("hardware.gpu", gpu->name, place);
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

// Values that are left to a template (`token: {{TOKEN}}`) as texts, which YAML would take for maps.
std::string with_templates_quoted(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string line(text.substr(0, end));
    const std::size_t last = line.find_last_not_of(" \r\n");
    const std::size_t value = line.find("{{");
    const bool stands_alone = value != std::string::npos && value >= 2 && line[value - 1] == ' ' &&
                              (line[value - 2] == ':' || line[value - 2] == '-') && last > value + 2 &&
                              line.compare(last - 1, 2, "}}") == 0;
    if (stands_alone && line.find('\'') == std::string::npos) {
      line.insert(last + 1, 1, '\'');
      line.insert(value, 1, '\'');
    }
    result += line;
    text.remove_prefix(end);
  }
  return result;
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
    const ShellWord text{.text = node->text, .place = value_place(document, *node), .unset = {}};
    const std::vector<ShellCommand> commands = shell_commands_within(text);
    if (commands.empty()) return {};
    if (commands.back().front().flaw) throw InputError(ErrorKind::usage, *commands.back().front().flaw);
    return commands.back();
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

void add_argument(const Document& document, const Node* node, const char* name, ShellCommand& words) {
  if (!node || node->kind != Node::Kind::scalar) return;
  words.push_back(
      {.text = fmt::format("--{}={}", name, node->text), .place = value_place(document, *node), .unset = {}});
}

std::string model_of(const std::string& uri) {
  const std::string scheme = "hf://";
  return uri.starts_with(scheme) ? uri.substr(scheme.size()) : uri;
}

PastedCommand serve_command(const DeploymentNode& at, const std::string& model, ShellCommand words) {
  const Place place = value_place(at.document, at.node);
  if (!model.empty()) words.insert(words.begin(), plain_words({model}, place)[0]);
  return {.program = Program::vllm_serve,
          .shown = "vllm serve",
          .place = place,
          .arguments = std::move(words),
          .environment = environment_of(at.document, at.node),
          .image = {}};
}

void add_engine(std::string name, const DeploymentNode& at, const PastedCommand& command,
                DeploymentFile& into) {
  DeployedEngine engine{.name = std::move(name),
                        .role = role_of(at),
                        .place = value_place(at.document, at.node),
                        .translation = serve_settings(command)};
  replicas(at, engine.translation);
  into.engines.push_back(std::move(engine));
}

bool is_deployment(std::string_view text, const std::string& name) {
  constexpr std::array<std::string_view, 5> kTopKeys{"apiVersion", "services", "servingEngineSpec", "kind",
                                                     "modelArtifacts"};
  try {
    const std::vector<Document> documents = parse_yaml_documents(with_templates_quoted(text), name);
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
  const std::vector<Document> documents = parse_yaml_documents(with_templates_quoted(text), name);
  for (const Document& document : documents) {
    std::vector<const Node*> around;
    const std::size_t before = deployment.engines.size();
    walk(document, document.root, around, deployment);
    if (before < deployment.engines.size()) add_gpu(document, before, deployment);
    add_routing(document, before, deployment);
    note_autoscaler(document, deployment);
  }
  if (deployment.engines.empty() && !deployment.refused.empty())
    throw InputError(ErrorKind::usage, std::move(deployment.refused));
  if (documents.size() > 1) {
    for (const Place& router : std::exchange(deployment.routers, {})) {
      deployment.unused.push_back(fmt::format(
          "{}: llm-d's router: `router.config` of a scenario names a file of its own", to_string(router)));
    }
  }
  return deployment;
}

}  // namespace blis
