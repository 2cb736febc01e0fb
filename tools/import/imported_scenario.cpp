#include "tools/import/imported_scenario.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/catalog.h"
#include "scenarios/document_text.h"
#include "sim/letter_case.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

constexpr const char* kServer = "the server's command";
constexpr const char* kClient = "the client's command";

bool sets(std::span<const Override> overrides, std::string_view key) {
  return std::ranges::any_of(overrides, [&](const Override& o) {
    return o.key == key || (key.starts_with(o.key) && key[o.key.size()] == '.');
  });
}

// Each where the other belongs, or two of a kind.
void check_order(const PastedCommand& server, const PastedCommand& client) {
  if (server.is_server() && !client.is_server()) return;
  const PastedCommand& wrong = server.is_server() ? client : server;
  std::string message = fmt::format("`{}` is a {}, and stands where the {} belongs", wrong.shown,
                                    wrong.is_server() ? "server" : "load generator",
                                    wrong.is_server() ? "load generator" : "server");
  const bool swapped = !server.is_server() && client.is_server();
  throw InputError(ErrorKind::usage,
                   Problem{.place = wrong.place,
                           .message = std::move(message),
                           .expected = "blis bench 'vllm serve ...' 'vllm bench serve ...'",
                           .hint = swapped ? "the two commands are the other way round" : ""});
}

// How likely drafts are accepted is in no command.
void ask_for_acceptance(Translation& all, std::span<const Override> more) {
  if (!all.sets("engine.speculative") || sets(more, "engine.speculative.acceptance")) return;
  const auto drafts = std::ranges::find_if(
      all.settings, [](const Override& o) { return o.key.starts_with("engine.speculative"); });
  all.mistakes.push_back(
      {.place = {drafts->shown, 0, 0},
       .message = "no command says how many drafts are accepted",
       .expected =
           "--set 'engine.speculative.acceptance=[0.8, 0.6, 0.4]': for each position the share of steps "
           "that accept it",
       .hint = "vLLM logs it as `Per-position acceptance rate`"});
}

// The one that the server is told, of whatever name it has there.
void compare_models(const ClientSettings& client, const Translation& server, Translation& all) {
  const auto model = std::ranges::find(server.settings, "model", &Override::key);
  if (client.model.empty() || model == server.settings.end() || client.model.starts_with('$')) return;
  if (equal_but_for_case(client.model, model->value) || model->shown.ends_with(client.model)) return;
  all.notes.push_back(fmt::format("the client asks for `{}`: taken as a name of the server's `{}`",
                                  client.model, model->value));
}

}  // namespace

void take_lacking(Translation& translation, std::span<const Override> more) {
  if (translation.lacking.empty()) return;
  bool allowed = false;
  for (const Override& o : more) {
    if (o.key == "allow_unmodelled") allowed = o.value == "true";
  }
  if (!allowed) {
    std::vector<Problem> problems = translation.lacking;
    std::string& hint = problems.back().hint;
    hint += fmt::format("{}{}", hint.empty() ? "" : "\n", kAllowUnmodelled);
    throw InputError(ErrorKind::not_modelled, std::move(problems));
  }
  Node list{.kind = Node::Kind::list};
  for (const Problem& problem : translation.lacking) {
    list.children.push_back({.kind = Node::Kind::scalar,
                             .quoted = true,
                             .text = problem.hint.empty()
                                         ? problem.message
                                         : fmt::format("{} ({})", problem.message, problem.hint)});
  }
  translation.set("left_out", json_text(list), "--allow-unmodelled");
}

ImportedScenario imported_scenario(std::string_view server_text, std::string_view client_text,
                                   std::span<const Override> more) {
  const PastedCommand server = pasted_command(server_text, kServer, Wanted::server);
  const PastedCommand client = pasted_command(client_text, kClient, Wanted::client);
  check_order(server, client);
  Translation all;
  all.set("version", "1", "format of this file");
  const Translation serve = serve_settings(server);
  ClientSettings bench = client_settings(client);
  compare_models(bench, serve, all);
  all.add(serve);
  all.add(std::move(bench.translation));
  ask_for_acceptance(all, more);
  if (!all.mistakes.empty()) throw InputError(ErrorKind::usage, std::move(all.mistakes));
  take_lacking(all, more);
  std::vector<Override> overrides = std::move(all.settings);
  overrides.insert(overrides.end(), more.begin(), more.end());
  return {.settings = parse_settings("", "bench", "", overrides),
          .notes = std::move(all.notes),
          .metrics = std::move(bench.metrics),
          .percentiles = std::move(bench.percentiles)};
}

}  // namespace blis
