#include "tools/import/prefill_and_decode.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/document_text.h"
#include "scenarios/overrides.h"
#include "tools/import/kv_transfer_config.h"

namespace blis {
namespace {

const DeployedEngine* with_role(const DeploymentFile& all, std::string_view role) {
  const auto found = std::ranges::find(all.engines, role, &DeployedEngine::role);
  return found == all.engines.end() ? nullptr : &*found;
}

bool says_the_same(const Translation& other, const Override& setting) {
  return std::ranges::any_of(
      other.settings, [&](const Override& o) { return o.key == setting.key && o.value == setting.value; });
}

bool is_of_a_pool(const std::string& key) {
  return key == "replicas" || key.starts_with("engine.") || key.starts_with("hardware.");
}

Node pool_of(const DeployedEngine& engine, const Translation& other, Translation& into) {
  std::vector<Override> settings{{"name", engine.role, ""}, {"role", engine.role, ""}};
  for (const Override& setting : engine.translation.settings) {
    const bool shared = setting.key != "replicas" && says_the_same(other, setting);
    if (shared) continue;
    if (is_of_a_pool(setting.key)) {
      settings.push_back(setting);
    } else if (!into.sets(setting.key)) {
      into.settings.push_back(setting);
    } else {
      into.mistakes.push_back(
          {.place = engine.place,
           .message = fmt::format("the engines for prefill and decode disagree about `{}`", setting.key),
           .expected = "the same in both",
           .got = setting.shown});
    }
  }
  Document document = parse_yaml("", "");
  apply_overrides(document, settings, "");
  quote_texts(document.root);
  return document.root;
}

}  // namespace

std::optional<Translation> prefill_and_decode(const DeploymentFile& all) {
  const DeployedEngine *const prefill = with_role(all, "prefill"), *const decode = with_role(all, "decode");
  if (all.engines.size() != 2 || prefill == nullptr || decode == nullptr) return std::nullopt;
  Translation both;
  for (const Override& setting : prefill->translation.settings) {
    if (setting.key != "replicas" && says_the_same(decode->translation, setting))
      both.settings.push_back(setting);
  }
  Node pools{.kind = Node::Kind::list};
  pools.children.push_back(pool_of(*prefill, decode->translation, both));
  pools.children.push_back(pool_of(*decode, prefill->translation, both));
  both.set("pools", json_text(pools), to_string(prefill->place));
  for (const DeployedEngine* const engine : {prefill, decode}) {
    const Translation& said = engine->translation;
    both.notes.insert(both.notes.end(), said.notes.begin(), said.notes.end());
    both.mistakes.insert(both.mistakes.end(), said.mistakes.begin(), said.mistakes.end());
    std::ranges::copy_if(said.lacking, std::back_inserter(both.lacking),
                         [](const Problem& p) { return p.hint != kSharesRequests; });
  }
  both.notes.emplace_back("no file says how fast KV blocks pass between the engines: `links.kv_transfer`");
  return both;
}

}  // namespace blis
