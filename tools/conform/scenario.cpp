#include "tools/conform/scenario.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace blis::conform {
namespace {

constexpr std::int64_t kLongestPrompt = 1 << 24;  // tokens; more is a slip, not a vector

std::int64_t checked_value(VectorFields& f, std::int64_t v) {
  if (v >= kTokenValues.min && v <= kTokenValues.max) return v;
  f.problem("", "a token value is out of range", "-2^55 .. 2^55 - 1", std::to_string(v));
  return 0;
}

TokenValues read_runs(VectorFields& f) {
  TokenValues prompt;
  for (const Json& run : f.array("prompt_rle")) {
    const bool pair =
        run.is_array() && run.size() == 2 && run[0].is_number_integer() && run[1].is_number_integer();
    if (!pair || run[1].get<std::int64_t>() < 1 || run[1].get<std::int64_t>() > kLongestPrompt) {
      f.problem("prompt_rle", "has a run of another form", "[value, count]", run.dump());
      continue;
    }
    prompt.values.insert(prompt.values.end(), run[1].get<std::size_t>(),
                         checked_value(f, run[0].get<std::int64_t>()));
  }
  if (prompt.values.empty()) f.problem("prompt_rle", "has no tokens");
  return prompt;
}

TokenValues read_range(VectorFields& f) {
  TokenValues prompt;
  const std::vector<std::int64_t> ends = f.integers("prompt_range");
  if (ends.size() != 2 || ends[1] <= ends[0] || ends[1] - ends[0] > kLongestPrompt) {
    f.problem("prompt_range", "is not a range", "[first, end)");
    return prompt;
  }
  for (std::int64_t v = checked_value(f, ends[0]); v < checked_value(f, ends[1]); ++v)
    prompt.values.push_back(v);
  return prompt;
}

Prompt read_prompt(VectorFields& f) {
  const int forms = f.has("prompt_rle") + f.has("prompt_range") + f.has("continues") + f.has("prompt_len");
  if (forms != 1) {
    f.problem("", forms == 0 ? "has no prompt" : "has more than one prompt",
              "one of prompt_rle, prompt_range, prompt_len, continues");
    f.ignore(
        {"prompt_rle", "prompt_range", "prompt_len", "continues", "extra_len", "prefix_group", "prefix_len"});
    return FreshText{.tokens = 1};
  }
  if (f.has("prompt_rle")) return read_runs(f);
  if (f.has("prompt_range")) return read_range(f);
  if (f.has("continues")) {
    return Continuation{.previous = f.name("continues"), .extra_tokens = f.count("extra_len", kCount, 0)};
  }
  FreshText text{.tokens = f.count("prompt_len", {1, kLongestPrompt})};
  if (f.is_null("prefix_group")) {
    f.ignore({"prefix_group"});
  } else {
    text.prefix_group = f.name("prefix_group", "");
  }
  const int prefix = f.count("prefix_len", kCount, 0);
  if (!text.prefix_group.empty()) text.prefix_tokens = std::min(prefix, text.tokens);
  return text;
}

std::vector<VectorItem> read_items(VectorFields& f) {
  std::vector<VectorItem> items;
  for (const Json& item : f.array("mm_items", false)) {
    VectorFields i = f.inside(item, ".mm_items[" + std::to_string(items.size()) + "]");
    const int end = items.empty() ? 0 : items.back().offset + items.back().tokens;
    items.push_back(
        {.offset = i.count("offset", kCount), .tokens = i.count("n", kPositive), .hash = i.name("hash")});
    if (items.back().offset < end) i.problem("offset", "lies in the item before");
    i.finish();
  }
  return items;
}

VectorRequest read_request(VectorFields f) {
  VectorRequest r;
  r.id = f.name("id");
  r.arrival_step = f.count("arrival_step", kCount, 0);
  r.arrival_time = f.number("arrival_time", r.arrival_step);
  r.priority = f.count("priority", {-kCount.max, kCount.max}, 0);
  const int output_len = f.count("output_len", kCount, 16);
  constexpr Bounds kAnyLimit{0, std::int64_t{1} << 60};  // the model's length limits all
  r.max_tokens = static_cast<int>(std::min(f.integer("max_tokens", kAnyLimit, output_len), kCount.max));
  r.eos_after = f.count("eos_after", kCount, 0);
  r.abort_step = f.count("abort_step", {-1, kCount.max}, -1);
  r.skip_cache_read = f.boolean("skip_cache_read", false);
  r.remote_tokens = f.count("remote_tokens", kCount, 0);
  r.remote_async = f.boolean("remote_async", false);
  r.remote_load_steps = f.count("remote_load_steps", kCount, 0);
  if (f.is_null("cache_salt")) {
    f.ignore({"cache_salt"});
  } else if (f.has("cache_salt")) {
    r.cache_salt = f.name("cache_salt");
  }
  r.lora = f.count("lora", {0, 0xffff}, 0);
  r.grammar_ready_step = f.count("grammar_ready_step", {-1, kCount.max}, -1);
  r.mm_items = read_items(f);
  r.prompt = read_prompt(f);
  f.finish();
  return r;
}

const Json& no_changes() {
  static const Json none = Json::object();
  return none;
}

Json prompt_json(const Prompt& prompt) {
  Json json = Json::object();
  if (const auto* values = std::get_if<TokenValues>(&prompt)) {
    Json runs = Json::array();
    for (std::int64_t v : values->values) {
      if (!runs.empty() && runs.back()[0] == v) {
        runs.back()[1] = runs.back()[1].get<std::int64_t>() + 1;
      } else {
        runs.push_back({v, 1});
      }
    }
    json["prompt_rle"] = runs;
  } else if (const auto* more = std::get_if<Continuation>(&prompt)) {
    json["continues"] = more->previous;
    json["extra_len"] = more->extra_tokens;
  } else {
    const auto& text = std::get<FreshText>(prompt);
    json["prompt_len"] = text.tokens;
    if (!text.prefix_group.empty()) {
      json["prefix_group"] = text.prefix_group;
      json["prefix_len"] = text.prefix_tokens;
    }
  }
  return json;
}

}  // namespace

VectorScenario read_scenario(VectorFields& f) {
  if (f.is_null("config")) f.ignore({"config"});
  const Json& config = f.is_null("config") ? no_changes() : f.object("config", false);
  VectorScenario scenario{.config = read_config(f.inside(config, ".config")), .requests = {}};
  std::set<std::string> ids;
  const Json& requests = f.array("requests");
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::string at = ".requests[" + std::to_string(i) + "]";
    scenario.requests.push_back(read_request(f.inside(requests[i], at)));
    const VectorRequest& r = scenario.requests.back();
    scenario.config.external_kv |= r.remote_tokens > 0 || r.remote_async;
    if (!ids.insert(scenario.requests.back().id).second) f.problem(at.substr(1), "repeats an id");
  }
  const auto is_state = [](const KvGroup& group) { return group.kind == KvKind::state; };
  if (scenario.config.external_kv && std::ranges::any_of(scenario.config.scheduler.kv_groups, is_state)) {
    f.problem("requests", "have KV elsewhere beside states, which is not modelled");
  }
  for (const VectorRequest& r : scenario.requests) {
    const auto* more = std::get_if<Continuation>(&r.prompt);
    if (more != nullptr && !ids.contains(more->previous)) {
      f.problem("requests", "names a request `" + more->previous + "` that the vector does not have");
    }
  }
  return scenario;
}

int longest_prompt(const VectorScenario& scenario) {
  std::map<std::string, std::int64_t> most;  // prompt and outputs, by id
  std::int64_t longest = 0;
  // Who continues another may stand before it in the file, so a few rounds settle all lengths.
  for (std::size_t round = 0; round < scenario.requests.size(); ++round) {
    bool changed = false;
    for (const VectorRequest& r : scenario.requests) {
      std::int64_t prompt = 0;
      if (const auto* tokens = std::get_if<TokenValues>(&r.prompt)) prompt = std::ssize(tokens->values);
      if (const auto* text = std::get_if<FreshText>(&r.prompt)) prompt = text->tokens;
      if (const auto* more = std::get_if<Continuation>(&r.prompt))
        prompt = most[more->previous] + more->extra_tokens;
      longest = std::max(longest, prompt);
      changed = std::exchange(most[r.id], prompt + r.max_tokens) != most[r.id] || changed;
    }
    if (!changed) break;
  }
  return static_cast<int>(std::min<std::int64_t>(longest, std::numeric_limits<int>::max()));
}

VectorScenario parse_scenario(const Json& json, const std::string& file) {
  std::vector<Problem> problems;
  VectorFields f(json, file, "", problems);
  f.ignore({"seed", "profile", "trace"});
  VectorScenario scenario = read_scenario(f);
  f.finish();
  if (!problems.empty()) throw InputError(ErrorKind::usage, std::move(problems));
  return scenario;
}

Json to_json(const VectorScenario& scenario) {
  Json json = Json::object();
  json["config"] = to_json(scenario.config);
  json["requests"] = Json::array();
  for (const VectorRequest& r : scenario.requests) {
    Json item{{"id", r.id}, {"arrival_step", r.arrival_step}};
    if (r.arrival_time != r.arrival_step) item["arrival_time"] = r.arrival_time;
    item.update(prompt_json(r.prompt));
    item["max_tokens"] = r.max_tokens;
    if (r.eos_after > 0) item["eos_after"] = r.eos_after;
    if (r.abort_step >= 0) item["abort_step"] = r.abort_step;
    if (r.priority != 0) item["priority"] = r.priority;
    if (r.skip_cache_read) item["skip_cache_read"] = true;
    if (r.remote_tokens > 0) item["remote_tokens"] = r.remote_tokens;
    if (r.remote_async) item["remote_async"] = true;
    if (r.remote_load_steps > 0) item["remote_load_steps"] = r.remote_load_steps;
    if (r.cache_salt) item["cache_salt"] = *r.cache_salt;
    if (r.lora != 0) item["lora"] = r.lora;
    if (r.grammar_ready_step >= 0) item["grammar_ready_step"] = r.grammar_ready_step;
    for (const VectorItem& i : r.mm_items) {
      item["mm_items"].push_back({{"offset", i.offset}, {"n", i.tokens}, {"hash", i.hash}});
    }
    json["requests"].push_back(std::move(item));
  }
  return json;
}

}  // namespace blis::conform
