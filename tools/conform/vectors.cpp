#include "tools/conform/vectors.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

namespace blis::conform {
namespace {

using Keys = std::span<const std::string_view>;

// What may be looked at after any operation, and what only a schedule() call has.
constexpr auto kStateKeys = std::to_array<std::string_view>(
    {"free_blocks", "free_order", "running_queue", "waiting_queue", "skipped_queue", "status", "num_out",
     "computed", "num_tokens", "drafts", "blocks", "hashed", "ref", "cached_hashes", "stats", "unfinished"});
constexpr auto kDecisionKeys = std::to_array<std::string_view>(
    {"new", "resumed", "running", "preempted", "tokens", "order", "total", "spec", "hits"});
// What a step of a run shows.
constexpr auto kStepKeys = std::to_array<std::string_view>(
    {"step", "new", "resumed", "running", "preempted", "tokens", "total", "spec", "hits", "free_blocks",
     "running_queue", "waiting_queue", "skipped_queue", "evicted_total", "finished", "blocks", "free_order"});

constexpr auto kKinds = std::to_array<std::string_view>({"script", "run", "queue", "formula"});
constexpr auto kWaysToFinish =
    std::to_array<std::string_view>({"FINISHED_ABORTED", "FINISHED_STOPPED", "FINISHED_LENGTH_CAPPED",
                                     "FINISHED_ERROR", "FINISHED_IGNORED", "FINISHED_REPETITION"});

bool is_one_of(Keys keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  std::vector<Problem> problems;

  VectorFields fields(const Json& object, const std::string& path) {
    return VectorFields(object, file_, path, problems);
  }

  Op read_op(VectorFields f, std::size_t index) {
    const std::string kind = f.text("op");
    Op op{.name = "op" + std::to_string(index) + "(" + kind + ")", .action = read_action(f, kind)};
    if (kind != "reset_prefix_cache") op.expect = f.object("expect", false);
    for (const auto& [key, value] : op.expect.items()) {
      if (is_one_of(kStateKeys, key) || (kind == "schedule" && is_one_of(kDecisionKeys, key))) continue;
      f.problem("expect", "unknown key `" + key + "`");
    }
    f.finish();
    return op;
  }

  ScriptVector read_script(VectorFields& f) {
    ScriptVector script{.scenario = read_scenario(f), .ops = {}};
    ids_.clear();
    for (const VectorRequest& r : script.scenario.requests) ids_.insert(r.id);
    const Json& ops = f.array("ops");
    for (std::size_t i = 0; i < ops.size(); ++i) {
      script.ops.push_back(read_op(f.inside(ops[i], ".ops[" + std::to_string(i) + "]"), i));
    }
    return script;
  }

  RunVector read_run(VectorFields& f) {
    RunVector run;
    run.scenario = read_scenario(f);
    run.complete = f.boolean("complete", false);
    VectorFields e = f.inside(f.object("expect"), ".expect");
    std::set<std::int64_t> numbers;
    for (const Json& step : e.array("steps", false)) {
      const std::string at = ".steps[" + std::to_string(run.steps.size()) + "]";
      if (!numbers.insert(e.inside(step, at).integer("step", kCount)).second) {
        e.problem(at.substr(1), "repeats the number of a step");
      }
      for (const auto& [key, value] : step.items()) {
        if (!is_one_of(kStepKeys, key)) e.problem(at.substr(1), "unknown key `" + key + "`");
      }
      if (run.complete && !step.contains("tokens")) e.problem(at.substr(1) + ".tokens", "is missing");
      run.steps.push_back(step);
    }
    run.finish_step = e.object("finish_step", false);
    run.stats = e.object("stats", false);
    run.requests = e.object("requests", false);
    for (const auto& [id, outcome] : run.requests.items()) {
      VectorFields o = e.inside(outcome, ".requests." + id);
      o.ignore({"num_out", "preemptions", "cached_tokens"});
      o.finish();
    }
    if (e.has("total_tokens")) run.total_tokens = e.integer("total_tokens", kCount);
    if (e.has("num_steps")) run.num_steps = e.integer("num_steps", kCount);
    e.finish();
    return run;
  }

  QueueVector read_queue(VectorFields& f) {
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
      if (!one && name != "append_n" && name != "prepend_n")
        f.problem("ops", "unknown operation `" + name + "`");
      if (one && op[1].is_array()) f.problem("ops", "`" + name + "` takes one number");
    }
    VectorFields e = f.inside(f.object("expect"), ".expect");
    for (const Json& ids : e.array("popped")) {
      queue.popped.push_back(e.inside(Json{{"ids", ids}}, ".popped").integers("ids"));
    }
    queue.order = e.integers("order");
    e.finish();
    return queue;
  }

  FormulaVector read_formula(VectorFields& f) {
    FormulaVector formula{.function = f.text("fn"), .cases = {}};
    for (const Json& item : f.array("cases")) {
      VectorFields c = f.inside(item, ".cases[" + std::to_string(formula.cases.size()) + "]");
      formula.cases.push_back({.args = c.object("args"), .expect = c.any("expect")});
      c.finish();
    }
    return formula;
  }

  Vector read_vector(const Json& json, std::size_t index) {
    problems.clear();
    const std::string place = "vectors[" + std::to_string(index) + "]";
    Vector vector{.id = fields(json, place).name("id"), .body = {}};
    if (vector.id.empty()) vector.id = place;
    VectorFields f = fields(json, vector.id);
    f.ignore({"id", "derived_from", "source", "features", "vllm_commit", "vllm_date", "ref_model", "seed",
              "profile", "trace"});
    switch (f.one_of("kind", kKinds)) {
      case 0:
        vector.body = read_script(f);
        break;
      case 1:
        vector.body = read_run(f);
        break;
      case 2:
        vector.body = read_queue(f);
        break;
      default:
        vector.body = read_formula(f);
        break;
    }
    f.finish();
    if (!problems.empty()) vector.body = UnreadableVector{problems};
    return vector;
  }

 private:
  void check_id(VectorFields& f, const std::string& at, const std::string& id) {
    if (!ids_.contains(id)) f.problem(at, "names a request `" + id + "` that the vector does not have");
  }
  std::string known_id(VectorFields& f) {
    std::string id = f.name("id");
    check_id(f, "id", id);
    return id;
  }

  Update read_update(VectorFields& f) {
    Update update{.label = f.text("label", ""), .accept = {}, .tokens = {}, .finished = {}};
    for (const auto& [id, n] : f.object("accept", false).items()) {
      check_id(f, "accept", id);
      update.accept[id] = f.inside(Json{{"drafts", n}}, ".accept." + id).count("drafts", kCount);
    }
    for (const auto& [id, tokens] : f.object("tokens", false).items()) {
      check_id(f, "tokens", id);
      Json field{{"tokens", tokens}};
      VectorFields inner = f.inside(field, ".tokens." + id);
      if (!tokens.is_array()) {
        update.tokens[id] = inner.count("tokens", kCount);
        continue;
      }
      const std::vector<std::int64_t> values = inner.integers("tokens");
      for (std::int64_t v : values) {
        if (v < kTokenValues.min || v > kTokenValues.max)
          f.problem("tokens", "a token value is out of range");
      }
      update.tokens[id] = values;
    }
    if (f.has("finished")) update.finished = f.names("finished");
    return update;
  }

  KvAlloc read_alloc(VectorFields& f) {
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
      const bool digits =
          text.size() > 3 && text.size() < 12 &&
          std::all_of(text.begin() + 3, text.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (text == "ANY-1") return alloc;  // refused
      if (!text.starts_with("ANY") || !digits) {
        f.problem("new_blocks", "is of another form", "a list of block ids, null, or \"ANY<n>\"", text);
      } else {
        alloc.new_blocks = AnyBlocks{static_cast<int>(std::stol(text.substr(3)))};
      }
    } else if (!blocks.is_null()) {
      f.problem("new_blocks", "is of another form", "a list of block ids, null, or \"ANY<n>\"",
                blocks.dump());
    }
    return alloc;
  }

  Draft read_draft(VectorFields& f) {
    Draft draft;
    for (const auto& [id, n] : f.object("n").items()) {
      check_id(f, "n", id);
      draft.drafts.emplace_back(id, f.inside(Json{{"drafts", n}}, ".n." + id).count("drafts", kCount));
    }
    return draft;
  }

  Action read_action(VectorFields& f, const std::string& op) {
    if (op == "add_all") return AddAll{};
    if (op == "add") return Add{known_id(f)};
    if (op == "schedule") return Schedule{f.text("label", ""), f.boolean("throttle", false)};
    if (op == "update") return read_update(f);
    if (op == "draft") return read_draft(f);
    if (op == "finish") {
      const std::string id = known_id(f);
      return Finish{id, kWaysToFinish[f.one_of("status", kWaysToFinish, 0)]};
    }
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
      return AppendOutput{known_id(f), f.count("n", kCount), f.integer("value", kTokenValues, 0)};
    }
    if (op != "expect") f.problem("op", "unknown operation `" + op + "`");
    return ExpectOnly{};
  }

  std::string file_;
  std::set<std::string, std::less<>> ids_;
};

}  // namespace

std::vector<Vector> parse_vectors(const std::string& text, const std::string& file) {
  const Json document = parse_json(text, file);
  Parser parser(file);
  const Json& list = parser.fields(document, "").array("vectors");  // all else is for people
  if (!parser.problems.empty()) throw InputError(ErrorKind::usage, std::move(parser.problems));
  std::vector<Vector> vectors;
  for (const Json& json : list) vectors.push_back(parser.read_vector(json, vectors.size()));
  return vectors;
}

std::vector<Vector> read_vector_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    throw InputError(ErrorKind::io, Problem{.place = {.file = path},
                                            .message = "cannot read the vector file",
                                            .expected = "a JSON file of schedule vectors",
                                            .got = "",
                                            .hint = ""});
  }
  return parse_vectors(text, path);
}

}  // namespace blis::conform
