#include "tools/conform/vectors.h"

#include <algorithm>
#include <set>

namespace blis::conform {
namespace {

constexpr IntegerRange kAnyValue{-(std::int64_t{1} << 55), (std::int64_t{1} << 55) - 1};
constexpr std::int64_t kLongestPrompt = 1 << 24;  // tokens; more is a slip, not a vector

// What may be looked at after any operation, and what only a schedule() call has.
const std::set<std::string, std::less<>> kStateKeys{
    "free_blocks", "free_order", "running_queue", "waiting_queue", "skipped_queue", "status",
    "num_out",     "computed",   "num_tokens",    "drafts",        "blocks",        "hashed",
    "ref",         "cached_hashes", "stats",      "unfinished"};
const std::set<std::string, std::less<>> kDecisionKeys{"new",   "resumed", "running", "preempted", "tokens",
                                                       "order", "total",   "spec",    "hits"};
const std::set<std::string, std::less<>> kStepKeys{
    "step", "new",         "resumed",       "running",       "preempted",     "tokens",        "total",     "spec",
    "hits", "free_blocks", "running_queue", "waiting_queue", "skipped_queue", "evicted_total", "finished",
    "blocks", "free_order"};

class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  std::vector<Problem> problems;

  Fields fields(const Json& object, const std::string& path) {
    return Fields(object, file_, path, problems);
  }

  Prompt read_prompt(Fields& f) {
    const int forms = f.has("prompt_rle") + f.has("prompt_range") + f.has("continues") + f.has("prompt_len");
    if (forms != 1) {
      f.problem("", forms == 0 ? "has no prompt" : "has more than one prompt",
                "one of prompt_rle, prompt_range, prompt_len, continues");
      f.ignore({"prompt_rle", "prompt_range", "prompt_len", "continues", "extra_len", "prefix_group", "prefix_len"});
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

  VectorRequest read_request(Fields f) {
    VectorRequest r;
    r.id = f.name("id");
    r.arrival_step = f.count("arrival_step", kCount, 0);
    r.arrival_time = f.number("arrival_time", r.arrival_step);
    r.priority = f.count("priority", {-kCount.max, kCount.max}, 0);
    const int output_len = f.count("output_len", kPositive, 16);
    r.max_tokens = f.count("max_tokens", kPositive, output_len);
    r.eos_after = f.count("eos_after", kCount, 0);
    r.abort_step = f.count("abort_step", {-1, kCount.max}, -1);
    r.skip_cache_read = f.boolean("skip_cache_read", false);
    if (f.is_null("cache_salt")) {
      f.ignore({"cache_salt"});
    } else if (f.has("cache_salt")) {
      r.cache_salt = f.name("cache_salt");
    }
    r.prompt = read_prompt(f);
    f.finish();
    return r;
  }

  Scenario read_scenario(Fields& f) {
    Scenario scenario{.config = read_config(f.inside(f.object("config", false), ".config")), .requests = {}};
    ids_.clear();
    const Json& requests = f.array("requests");
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::string at = ".requests[" + std::to_string(i) + "]";
      scenario.requests.push_back(read_request(f.inside(requests[i], at)));
      if (!ids_.insert(scenario.requests.back().id).second) f.problem(at.substr(1), "repeats an id");
    }
    for (const VectorRequest& r : scenario.requests) {
      if (const auto* c = std::get_if<Continuation>(&r.prompt)) check_id(f, "requests", c->previous);
    }
    return scenario;
  }

  Op read_op(Fields f, std::size_t index) {
    const std::string kind = f.text("op");
    Op op{.name = "op" + std::to_string(index) + "(" + kind + ")", .action = read_action(f, kind)};
    if (kind != "reset_prefix_cache") op.expect = f.object("expect", false);
    for (const auto& [key, value] : op.expect.items()) {
      if (kStateKeys.contains(key) || (kind == "schedule" && kDecisionKeys.contains(key))) continue;
      f.problem("expect", "unknown key `" + key + "`");
    }
    f.finish();
    return op;
  }

  ScriptVector read_script(Fields& f) {
    ScriptVector script{.scenario = read_scenario(f), .ops = {}};
    const Json& ops = f.array("ops");
    for (std::size_t i = 0; i < ops.size(); ++i) {
      script.ops.push_back(read_op(f.inside(ops[i], ".ops[" + std::to_string(i) + "]"), i));
    }
    return script;
  }

  RunVector read_run(Fields& f) {
    RunVector run;
    run.scenario = read_scenario(f);
    run.complete = f.boolean("complete", false);
    f.ignore({"features", "vllm_commit", "vllm_date", "ref_model", "seed", "profile"});
    Fields e = f.inside(f.object("expect"), ".expect");
    for (const Json& step : e.array("steps", false)) {
      const std::string at = ".steps[" + std::to_string(run.steps.size()) + "]";
      e.inside(step, at).integer("step", kCount);
      for (const auto& [key, value] : step.items()) {
        if (!kStepKeys.contains(key)) e.problem(at.substr(1), "unknown key `" + key + "`");
      }
      if (run.complete && !step.contains("tokens")) e.problem(at.substr(1) + ".tokens", "is missing");
      run.steps.push_back(step);
    }
    run.finish_step = e.object("finish_step", false);
    run.stats = e.object("stats", false);
    run.requests = e.object("requests", false);
    for (const auto& [id, outcome] : run.requests.items()) {
      Fields o = e.inside(outcome, ".requests." + id);
      o.ignore({"num_out", "preemptions", "cached_tokens"});
      o.finish();
    }
    if (e.has("total_tokens")) run.total_tokens = e.integer("total_tokens", kCount);
    if (e.has("num_steps")) run.num_steps = e.integer("num_steps", kCount);
    e.finish();
    return run;
  }

  QueueVector read_queue(Fields& f) {
    QueueVector queue{.num_blocks = f.count("num_blocks", kPositive), .ops = {}, .popped = {}, .order = {}};
    for (const Json& op : f.array("ops")) {
      if (!op.is_array() || op.size() != 2 || !op[0].is_string()) {
        f.problem("ops", "has an operation of another form", "[name, argument]", op.dump());
        continue;
      }
      const auto name = op[0].get<std::string>();
      const Json argument = op[1].is_array() ? Json{{"ids", op[1]}} : Json{{"ids", Json::array({op[1]})}};
      queue.ops.push_back({name, f.inside(argument, ".ops").integers("ids")});
      const bool one = name == "popleft_n" || name == "remove";
      if (!one && name != "append_n" && name != "prepend_n") f.problem("ops", "unknown operation `" + name + "`");
      if (one && op[1].is_array()) f.problem("ops", "`" + name + "` takes one number");
    }
    Fields e = f.inside(f.object("expect"), ".expect");
    for (const Json& ids : e.array("popped")) {
      queue.popped.push_back(e.inside(Json{{"ids", ids}}, ".popped").integers("ids"));
    }
    queue.order = e.integers("order");
    e.finish();
    return queue;
  }

  FormulaVector read_formula(Fields& f) {
    FormulaVector formula{.function = f.text("fn"), .cases = {}};
    for (const Json& item : f.array("cases")) {
      Fields c = f.inside(item, ".cases[" + std::to_string(formula.cases.size()) + "]");
      formula.cases.push_back({.args = c.object("args"), .expect = c.any("expect")});
      c.finish();
    }
    return formula;
  }

  Vector read_vector(const Json& json, std::size_t index) {
    const std::string place = "vectors[" + std::to_string(index) + "]";
    Vector vector{.id = fields(json, place).name("id"), .body = {}};
    Fields f = fields(json, vector.id.empty() ? place : vector.id);
    f.ignore({"id", "derived_from", "why"});
    switch (f.one_of("kind", {"script", "run", "queue", "formula"})) {
      case 0: vector.body = read_script(f); break;
      case 1: vector.body = read_run(f); break;
      case 2: vector.body = read_queue(f); break;
      default: vector.body = read_formula(f); break;
    }
    f.finish();
    return vector;
  }

 private:
  TokenValues read_runs(Fields& f) {
    TokenValues prompt;
    for (const Json& run : f.array("prompt_rle")) {
      const bool pair = run.is_array() && run.size() == 2 && run[0].is_number_integer() && run[1].is_number_integer();
      if (!pair || run[1].get<std::int64_t>() < 1 || run[1].get<std::int64_t>() > kLongestPrompt) {
        f.problem("prompt_rle", "has a run of another form", "[value, count]", run.dump());
        continue;
      }
      prompt.values.insert(prompt.values.end(), run[1].get<std::size_t>(), value(f, run[0].get<std::int64_t>()));
    }
    if (prompt.values.empty()) f.problem("prompt_rle", "has no tokens");
    return prompt;
  }

  TokenValues read_range(Fields& f) {
    TokenValues prompt;
    const std::vector<std::int64_t> ends = f.integers("prompt_range");
    if (ends.size() != 2 || ends[1] <= ends[0] || ends[1] - ends[0] > kLongestPrompt) {
      f.problem("prompt_range", "is not a range", "[first, end)");
      return prompt;
    }
    for (std::int64_t v = value(f, ends[0]); v < value(f, ends[1]); ++v) prompt.values.push_back(v);
    return prompt;
  }

  std::int64_t value(Fields& f, std::int64_t v) {
    if (v >= kAnyValue.min && v <= kAnyValue.max) return v;
    f.problem("", "a token value is out of range", "-2^55 .. 2^55 - 1", std::to_string(v));
    return 0;
  }

  void check_id(Fields& f, const std::string& at, const std::string& id) {
    if (!ids_.contains(id)) f.problem(at, "names a request `" + id + "` that the vector does not have");
  }
  std::string known_id(Fields& f) {
    std::string id = f.name("id");
    check_id(f, "id", id);
    return id;
  }

  Update read_update(Fields& f) {
    Update update{.label = f.text("label", ""), .accept = {}, .tokens = {}, .finished = {}};
    for (const auto& [id, n] : f.object("accept", false).items()) {
      check_id(f, "accept", id);
      update.accept[id] = f.inside(Json{{"drafts", n}}, ".accept." + id).count("drafts", kCount);
    }
    for (const auto& [id, tokens] : f.object("tokens", false).items()) {
      check_id(f, "tokens", id);
      Json field{{"tokens", tokens}};
      Fields inner = f.inside(field, ".tokens." + id);
      if (!tokens.is_array()) {
        update.tokens[id] = inner.count("tokens", kCount);
        continue;
      }
      std::vector<std::int64_t> values = inner.integers("tokens");
      for (std::int64_t& v : values) v = value(f, v);
      update.tokens[id] = std::move(values);
    }
    if (f.has("finished")) update.finished = f.names("finished");
    return update;
  }

  KvAlloc read_alloc(Fields& f) {
    KvAlloc alloc{.id = known_id(f),
                  .tokens = f.count("n", kPositive),
                  .lookahead = f.count("lookahead", kCount, 0),
                  .full_fit = f.boolean("full_fit", false),
                  .has_running = f.boolean("has_running", true),
                  .new_blocks = {}};
    const Json& blocks = f.any("new_blocks");
    if (blocks.is_array()) {
      alloc.new_blocks = f.integers("new_blocks");
    } else if (blocks.is_string()) {
      const auto text = blocks.get<std::string>();
      const bool digits = text.size() > 3 && text.size() < 12 && std::all_of(text.begin() + 3, text.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!text.starts_with("ANY") || !digits) {
        f.problem("new_blocks", "is of another form", "a list of block ids, null, or \"ANY<n>\"", text);
      } else {
        alloc.new_blocks = AnyBlocks{static_cast<int>(std::stol(text.substr(3)))};
      }
    } else if (!blocks.is_null()) {
      f.problem("new_blocks", "is of another form", "a list of block ids, null, or \"ANY<n>\"", blocks.dump());
    }
    return alloc;
  }

  Draft read_draft(Fields& f) {
    Draft draft;
    for (const auto& [id, n] : f.object("n").items()) {
      check_id(f, "n", id);
      draft.drafts.emplace_back(id, f.inside(Json{{"drafts", n}}, ".n." + id).count("drafts", kCount));
    }
    return draft;
  }

  Action read_action(Fields& f, const std::string& op) {
    if (op == "add_all") return AddAll{};
    if (op == "add") return Add{known_id(f)};
    if (op == "schedule") return Schedule{f.text("label", ""), f.boolean("throttle", false)};
    if (op == "update") return read_update(f);
    if (op == "draft") return read_draft(f);
    if (op == "finish") return Finish{known_id(f), f.text("status", "FINISHED_ABORTED")};
    if (op == "preempt") return Preempt{known_id(f)};
    if (op == "reset_prefix_cache") {
      return ResetPrefixCache{f.boolean("preempt_running", false), f.boolean("expect")};
    }
    if (op == "set_config") {
      VectorConfig discarded = reference_defaults();
      apply_changes(f.inside(f.object("config"), ".config"), discarded);  // for its problems
      return SetConfig{f.object("config")};
    }
    if (op == "kv_lookup") {
      KvLookup lookup{known_id(f), f.count("hit_tokens", kCount), {}};
      if (f.has("hit_blocks")) lookup.hit_blocks = f.integers("hit_blocks");
      return lookup;
    }
    if (op == "kv_alloc") return read_alloc(f);
    if (op == "kv_free") return KvFree{known_id(f)};
    if (op == "kv_evict_block") return KvEvictBlock{f.count("block", kCount)};
    if (op == "append_output") {
      return AppendOutput{known_id(f), f.count("n", kCount), f.integer("value", kAnyValue, 0)};
    }
    if (op != "expect") f.problem("op", "unknown operation `" + op + "`");
    return ExpectOnly{};
  }

  std::string file_;
  std::set<std::string, std::less<>> ids_;
};

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

std::vector<Vector> parse_vectors(const std::string& text, const std::string& file) {
  const Json document = parse_json(text, file);
  Parser parser(file);
  Fields f = parser.fields(document, "");
  f.ignore({"format"});
  std::vector<Vector> vectors;
  for (const Json& json : f.array("vectors")) vectors.push_back(parser.read_vector(json, vectors.size()));
  f.finish();
  if (!parser.problems.empty()) throw InputError(ErrorKind::usage, std::move(parser.problems));
  return vectors;
}

Scenario parse_scenario(const Json& json, const std::string& file) {
  Parser parser(file);
  Fields f = parser.fields(json, "");
  f.ignore({"seed", "profile", "trace"});
  Scenario scenario = parser.read_scenario(f);
  f.finish();
  if (!parser.problems.empty()) throw InputError(ErrorKind::usage, std::move(parser.problems));
  return scenario;
}

Json to_json(const Scenario& scenario) {
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
    if (r.cache_salt) item["cache_salt"] = *r.cache_salt;
    json["requests"].push_back(std::move(item));
  }
  return json;
}

}  // namespace blis::conform
