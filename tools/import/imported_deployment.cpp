#include "tools/import/imported_deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "scenarios/document_text.h"
#include "scenarios/overrides.h"
#include "tools/import/deployment.h"
#include "tools/import/imported_scenario.h"
#include "tools/import/pasted_command.h"
#include "tools/import/prefill_and_decode.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

DeployedEngine the_engine(DeploymentFile& all, const std::string& wanted,
                          std::span<const std::string> files) {
  std::vector<std::string> names;
  for (const DeployedEngine& engine : all.engines) names.push_back(engine.name);
  if (!wanted.empty()) {
    const auto found = std::ranges::find(all.engines, wanted, &DeployedEngine::name);
    if (found != all.engines.end()) return std::move(*found);
  } else if (all.engines.size() == 1) {
    return std::move(all.engines[0]);
  }
  const Place place = all.engines.size() > 1 ? all.engines[1].place : Place{files[0], 0, 0};
  if (names.empty()) {
    throw InputError(
        ErrorKind::usage,
        Problem{.place = place,
                .message = "nothing in here runs `vllm serve`",
                .expected = "a container of vLLM, Helm values of its charts, or a KServe service"});
  }
  throw InputError(ErrorKind::usage,
                   Problem{.place = place,
                           .message = wanted.empty() ? "there is a second engine, and a scenario has one kind"
                                                     : fmt::format("no engine is called `{}`", wanted),
                           .expected = fmt::format("--engine NAME, one of {}", fmt::join(names, ", "))});
}

// Origins of a tree's scalars, as comments of its lines.
std::string written(const Document& document) {
  return yaml_text(document.root, [&](std::string_view key) -> std::string {
    const Node* node = &document.root;
    for (std::string_view rest = key; node && !rest.empty();) {
      const std::size_t dot = rest.find('.');
      node = node->find(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    return node && node->source < document.sources.size() ? document.sources[node->source] : "";
  });
}

// A version is a name, though it may read as a number.
void quote_versions(Node& node) {
  for (Node& child : node.children) quote_versions(child);
  if (node.key == "vllm_version") node.quoted = true;
}

// A command of a server, as text or in a script, is a deployment of one engine.
DeploymentFile read_command(std::string_view text, const std::string& name) {
  const PastedCommand command = pasted_command(text, name, Wanted::server);
  if (!command.is_server()) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = command.place,
                             .message = fmt::format("`{}` is a load generator, and no server", command.shown),
                             .expected = "vllm serve ...",
                             .hint = "`blis bench` takes both"});
  }
  DeploymentFile deployment;
  deployment.engines.push_back(
      {.name = command.shown, .role = "", .place = command.place, .translation = serve_settings(command)});
  return deployment;
}

// Whatever its name is.
bool is_script(std::string_view text, const std::string& file) {
  if (file.ends_with(".sh") || text.starts_with("#!")) return true;
  const bool has_command = text.find("vllm serve ") != std::string_view::npos ||
                           text.find("api_server ") != std::string_view::npos;
  return has_command && !is_deployment(text, file);
}

DeploymentFile read_file_or_command(const std::string& argument) {
  if (!is_file(argument) && argument.find(' ') != std::string::npos)
    return read_command(argument, "the server's command");
  const std::string text = read_file(argument, "deployment");
  return is_script(text, argument) ? read_command(text, argument) : read_deployment(text, argument);
}

}  // namespace

ImportedDeployment imported_deployment(std::span<const std::string> files, const std::string& wanted,
                                       std::span<const Override> more, const std::string& folder) {
  DeploymentFile all;
  for (const std::string& file : files) {
    DeploymentFile one = read_file_or_command(file);
    std::ranges::move(one.engines, std::back_inserter(all.engines));
    std::ranges::move(one.unused, std::back_inserter(all.unused));
    for (const Problem& problem : one.refused)
      all.unused.push_back(fmt::format("{}: {}", to_string(problem.place), problem.message));
    std::ranges::move(one.routers, std::back_inserter(all.routers));
  }
  std::optional<Translation> apart = wanted.empty() ? prefill_and_decode(all) : std::nullopt;
  Translation translation = apart ? std::move(*apart) : the_engine(all, wanted, files).translation;
  if (!translation.mistakes.empty()) throw InputError(ErrorKind::usage, std::move(translation.mistakes));
  take_lacking(translation, more);
  std::vector<Override> settings{{"version", "1", "format of this file"}};
  std::ranges::copy(translation.settings, std::back_inserter(settings));
  if (all.routers.size() > 1) {
    throw InputError(ErrorKind::usage, Problem{.place = all.routers[1],
                                               .message = "there is a second router, and a scenario has one",
                                               .expected = "one file of llm-d's endpoint picker"});
  }
  for (const Place& router : all.routers) {
    settings.push_back({"router.policy", "epp", to_string(router)});
    settings.push_back({"router.config", router.file, to_string(router)});
  }
  std::ranges::copy(more, std::back_inserter(settings));

  ImportedDeployment result;
  result.notes = std::move(translation.notes);
  result.unused = std::move(all.unused);
  const auto sets = [&](std::string_view key) {
    return std::ranges::any_of(settings, [&](const Override& o) { return o.key.starts_with(key); });
  };
  // Checked as a scenario, with stand-ins for what the files leave open.
  std::vector<Override> complete = settings;
  if (!sets("hardware.gpu")) {
    complete.push_back({"hardware.gpu", "H100", "stand-in"});
    result.notes.emplace_back("no GPU is named: give --gpu here, or to `blis run`");
  }
  if (!sets("workload.")) {
    complete.push_back({"workload", "{kind: trace, path: none}", "stand-in"});
    result.notes.emplace_back(
        "no traffic is named: give --input-len, --output-len and --request-rate to `blis run`");
  }
  if (sets("engine.speculative") && !sets("engine.speculative.acceptance")) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = {files[0], 0, 0},
                             .message = "no file says how many drafts are accepted",
                             .expected = "--set 'engine.speculative.acceptance=[0.8, 0.6, 0.4]'"});
  }
  parse_settings("", "deployment", "", complete);
  Document document = parse_yaml("", "");
  apply_overrides(document, settings, folder);
  quote_texts(document.root);
  quote_versions(document.root);
  result.yaml = written(document);
  return result;
}

}  // namespace blis
