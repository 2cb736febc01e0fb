#include <map>
#include <memory>

#include "tools/conform/conversations.h"
#include "tools/conform/replay_parts.h"
#include "tools/conform/run_driver.h"

namespace blis::conform {
namespace {

std::vector<ContentId> contents_of(const std::vector<std::int64_t>& values) {
  std::vector<ContentId> contents;
  for (std::int64_t v : values) contents.push_back(token_content(v));
  return contents;
}

class ScriptReplay {
 public:
  ScriptReplay(const ScriptVector& script, const SchedulerFactory& make)
      : script_(script),
        config_(script.scenario.config),
        scheduler_(make(config_)),
        conversations_(script.scenario.requests) {}

  void run() {
    for (const Op& op : script_.ops) {
      decision_ = nullptr;
      std::visit([&](const auto& action) { act(action, op.name); }, op.action);
      for (const auto& [key, value] : op.expect.items()) {
        check(op.name + "." + key, value, observe(key, value));
      }
    }
  }

 private:
  // Requests are made when they are first named, in the state the conversation is in then.
  void ensure(const std::string& id) {
    if (!conversations_.started(id)) scheduler_->create(conversations_.start(id));
  }

  void act(const AddAll&, const std::string&) {
    for (const VectorRequest& r : script_.scenario.requests) {
      ensure(r.id);
      scheduler_->add(r.id);
    }
  }
  void act(const Add& op, const std::string&) {
    ensure(op.id);
    scheduler_->add(op.id);
  }
  void act(const Schedule& op, const std::string&) {
    NamedDecision decision = scheduler_->schedule(op.throttle);
    decision_ = &(decisions_[op.label] = std::move(decision));
  }
  void act(const Update& op, const std::string& where) {
    const auto found = decisions_.find(op.label);
    if (found == decisions_.end()) throw Difference(where + ": no schedule has the label `" + op.label + "`");
    const NamedDecision& decision = found->second;
    ModelOutput output;
    for (const auto& [id, drafts] : decision.drafts) {
      const auto accepted = op.accept.find(id);
      output.accepted[id] =
          std::min(drafts, accepted == op.accept.end() ? config_.spec_accept : accepted->second);
    }
    std::map<std::string, int> before;
    for (const auto& [id, tokens] : decision.tokens) {
      before[id] = scheduler_->request(id).num_out;
      const auto sampled = op.tokens.find(id);
      if (sampled == op.tokens.end()) continue;
      if (const auto* values = std::get_if<std::vector<std::int64_t>>(&sampled->second)) {
        output.tokens[id] = {static_cast<int>(values->size()), contents_of(*values)};
      } else {
        output.tokens[id] = {std::get<int>(sampled->second), {}};
      }
    }
    const std::vector<std::string> finished = scheduler_->update(decision, output);
    for (const auto& [id, count] : before) {
      conversations_.generated(id, scheduler_->request(id).num_out - count, output.tokens[id].values);
    }
    if (op.finished) check(where, *op.finished, finished);
  }
  void act(const Draft& op, const std::string&) {
    for (const auto& [id, n] : op.drafts) scheduler_->draft(id, n);
  }
  void act(const Finish& op, const std::string&) {
    ensure(op.id);
    scheduler_->finish(op.id, op.status);
  }
  void act(const Preempt& op, const std::string&) {
    ensure(op.id);
    scheduler_->preempt(op.id);
  }
  void act(const ResetPrefixCache& op, const std::string& where) {
    check(where, op.expect, scheduler_->reset_prefix_cache(op.preempt_running));
  }
  void act(const SetConfig& op, const std::string& where) {
    std::vector<Problem> problems;  // the parser has shown that there are none
    apply_changes(VectorFields(op.changes, "", where, problems), config_);
    scheduler_->set_config(config_);
  }
  void act(const KvLookup& op, const std::string& where) {
    ensure(op.id);
    const SchedulerUnderTest::Hit hit = scheduler_->kv_lookup(op.id);
    check(where + ".hit_tokens", op.hit_tokens, hit.tokens);
    if (op.hit_blocks) check(where + ".hit_blocks", *op.hit_blocks, hit.blocks);
  }
  void act(const KvAlloc& op, const std::string& where) {
    ensure(op.id);
    const auto blocks = scheduler_->kv_alloc(op.id, {op.tokens, op.lookahead, op.full_fit, op.has_running});
    if (const auto* any = std::get_if<AnyBlocks>(&op.new_blocks)) {
      check(where + ".new_blocks", any->count, blocks ? Json(blocks->size()) : Json());
    } else if (const auto* ids = std::get_if<std::vector<std::int64_t>>(&op.new_blocks)) {
      check(where + ".new_blocks", *ids, blocks ? Json(*blocks) : Json());
    } else {
      check(where + ".new_blocks", Json(), blocks ? Json(*blocks) : Json());
    }
  }
  void act(const KvFree& op, const std::string&) {
    ensure(op.id);
    scheduler_->kv_free(op.id);
  }
  void act(const KvEvictBlock& op, const std::string&) { scheduler_->kv_evict_block(op.block); }
  void act(const AppendOutput& op, const std::string&) {
    ensure(op.id);
    const ContentId content = token_content(op.value);
    scheduler_->append_output(op.id, content, op.tokens);
    conversations_.generated(op.id, op.tokens,
                             std::vector<ContentId>(static_cast<std::size_t>(op.tokens), content));
  }
  void act(const ExpectOnly&, const std::string&) {}

  // What `key` shows now; `asked` says of which requests, blocks or counters.
  Json observe(const std::string& key, const Json& asked) const {
    return decision_ != nullptr && !is_state(key) ? observe_decision(key) : observe_state(key, asked);
  }

  static bool is_state(const std::string& key) {
    return key != "new" && key != "resumed" && key != "running" && key != "preempted" && key != "tokens" &&
           key != "order" && key != "total" && key != "spec" && key != "hits";
  }

  Json observe_decision(const std::string& key) const {
    if (key == "new") return decision_->admitted;
    if (key == "resumed") return decision_->resumed;
    if (key == "running") return decision_->running;
    if (key == "preempted") return decision_->preempted;
    if (key == "total") return decision_->total();
    if (key == "spec") return decision_->drafts.empty() ? Json::object() : Json(decision_->drafts);
    if (key == "hits") return decision_->hits.empty() ? Json::object() : Json(decision_->hits);
    Json tokens = Json::object(), order = Json::array();
    for (const auto& [id, n] : decision_->tokens) {
      tokens[id] = n;
      order.push_back(id);
    }
    return key == "order" ? order : tokens;
  }

  Json observe_state(const std::string& key, const Json& asked) const {
    if (key == "free_blocks") return scheduler_->free_blocks();
    if (key == "free_order") return scheduler_->free_order();
    if (key == "running_queue") return scheduler_->running_queue();
    if (key == "waiting_queue") return scheduler_->waiting_queue();
    if (key == "skipped_queue") return scheduler_->skipped_queue();
    if (key == "cached_hashes") return scheduler_->cached_hashes();
    if (key == "unfinished") return scheduler_->unfinished();
    if (!asked.is_object() && !asked.is_array()) throw Difference(key + ": is not an object or a list");
    Json seen = Json::object();
    for (const auto& [name, value] : asked.items()) {
      const std::string item = asked.is_array() ? value.get<std::string>() : name;
      seen[item] = observe_item(key, item);
    }
    return seen;
  }

  Json observe_item(const std::string& key, const std::string& item) const {
    if (key == "hashed") return scheduler_->hashed(std::stoi(item));
    if (key == "ref") return scheduler_->ref(std::stoi(item));
    if (key == "blocks") return conversations_.started(item) ? Json(scheduler_->blocks(item)) : Json::array();
    if (key == "stats") return to_json(scheduler_->stats()).at(item);
    const RequestState state = scheduler_->request(item);
    if (key == "status") return std::string(state.status);
    if (key == "num_out") return state.num_out;
    if (key == "computed") return state.computed;
    if (key == "num_tokens") return state.num_tokens;
    return state.drafts;
  }

  const ScriptVector& script_;
  VectorConfig config_;
  std::unique_ptr<SchedulerUnderTest> scheduler_;
  Conversations conversations_;
  std::map<std::string, NamedDecision> decisions_;  // by label
  const NamedDecision* decision_ = nullptr;         // of the operation at hand, if it is a schedule
};

}  // namespace

void replay_script(const ScriptVector& script, const SchedulerFactory& make) {
  ScriptReplay(script, make).run();
}

}  // namespace blis::conform
