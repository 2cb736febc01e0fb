// llm-d's endpoint picker: filters, weighted scorers, a picker, and what it remembers of where it sent what.
// Source: llm-d-router, pkg/epp/scheduling/scheduler_profile.go.
#include <limits>
#include <unordered_map>

#include "sim/fleet/epp/approximate_index.h"
#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

constexpr std::int32_t kLeastBlockTokens = 64;  // of an index: smaller blocks would make it too large

std::unique_ptr<ApproximateIndex> make_index(const PrefixProducer& producer, const Site& site) {
  const int published = site.replicas.front().block_size;
  const int asked = producer.auto_tune && published > 0 ? published : producer.block_tokens;
  ApproximateIndex::Rules rules{.block_tokens = producer.of_2025 ? asked : std::max(asked, kLeastBlockTokens),
                                .partial_block = !producer.of_2025,
                                .model_block = producer.of_2025};
  rules.max_blocks = producer.max_blocks > 0 ? producer.max_blocks : std::numeric_limits<std::int32_t>::max();
  if (producer.max_tokens > 0) rules.max_blocks = producer.max_tokens / rules.block_tokens;
  std::vector<std::int64_t> capacities;
  for (const PublishedFacts& replica : site.replicas) {
    const bool tuned = producer.auto_tune && replica.kv_blocks > 0;
    capacities.push_back(tuned ? replica.kv_blocks : producer.lru_capacity);
  }
  return std::make_unique<ApproximateIndex>(site.contents, rules, std::move(capacities));
}

class EndpointPicker final : public Router {
 public:
  EndpointPicker(const EppConfig& config, Site site)
      : matches_(config.producers.size()), uncached_(site.replicas.size()), random_(site.seed) {
    for (const PrefixProducer& producer : config.producers) indexes_.push_back(make_index(producer, site));
    const auto add = [&](const PluginSetting& setting) {
      needs_.metrics |= setting.type->needs.metrics;
      needs_.loads |= setting.type->needs.loads;
      needs_.uncached |= setting.type->needs.uncached;
      if (setting.type->needs.uncached) uncached_from_ = setting.producer;
      return setting.type;
    };
    for (const std::size_t i : config.profile.filters) {
      filters_.push_back(add(config.plugins[i])->filter(config.plugins[i]));
    }
    for (const auto& [i, weight] : config.profile.scorers) {
      scorers_.push_back({add(config.plugins[i])->scorer(config.plugins[i]), weight});
    }
    const PluginSetting& picker = config.plugins[config.profile.picker];
    picker_ = add(picker)->picker(picker);
  }

  Senses senses() const override {
    return {.loads = needs_.loads,
            .metrics = needs_.metrics,
            .contents = !indexes_.empty(),
            .first_tokens = needs_.uncached};
  }

  EngineIndex route(const Call& call) override {
    for (std::size_t i = 0; i < indexes_.size(); ++i) indexes_[i]->match(call.chain, matches_[i]);
    const Cycle cycle{call, matches_, uncached_, random_};
    candidates_.assign(call.serving.begin(), call.serving.end());
    for (const auto& filter : filters_) {
      filter->filter(cycle, candidates_);
      if (candidates_.empty()) return kNoReplica;
    }
    sums_.assign(candidates_.size(), 0);
    scores_.resize(candidates_.size());
    for (const Weighted& scorer : scorers_) {
      scorer.scorer->score(cycle, candidates_, scores_);
      for (std::size_t i = 0; i < scores_.size(); ++i) {
        sums_[i] += std::clamp(scores_[i], 0.0, 1.0) * scorer.weight;
      }
    }
    const std::size_t chosen = candidates_[picker_->pick(cycle, sums_)];
    if (!matches_.empty()) {
      const std::int64_t found =
          std::int64_t{matches_.front().blocks[chosen]} * matches_.front().block_tokens;
      believed_ = std::min<std::int64_t>(found, call.request.prompt_tokens);
    }
    learn(call, chosen);
    return static_cast<EngineIndex>(chosen);
  }

  std::optional<std::int64_t> believed_cached() const override { return believed_; }

  void first_token(RequestIndex number, EngineIndex replica) override {
    const auto sent = in_flight_.extract(number);
    if (!sent.empty()) uncached_[replica] -= sent.mapped();
  }

  void left(EngineIndex replica) override {
    for (const auto& index : indexes_) index->forget(replica);
    for (const Weighted& scorer : scorers_) scorer.scorer->left(replica);
  }

 private:
  struct Weighted {
    std::unique_ptr<Scorer> scorer;
    double weight;
  };

  void learn(const Call& call, std::size_t chosen) {
    if (needs_.uncached) {
      const std::int64_t tokens =
          uncached_tokens(matches_[uncached_from_], chosen, call.request.prompt_tokens);
      uncached_[chosen] += tokens;
      in_flight_[call.number] = tokens;
    }
    for (const auto& index : indexes_) index->insert(call.chain, chosen);
    for (const Weighted& scorer : scorers_) scorer.scorer->chosen(chosen);
  }

  PluginNeeds needs_;
  std::size_t uncached_from_ = 0;                           // the producer that tells what is cached
  std::vector<std::unique_ptr<ApproximateIndex>> indexes_;  // by producer
  std::vector<std::unique_ptr<Filter>> filters_;
  std::vector<Weighted> scorers_;
  std::unique_ptr<Picker> picker_;
  std::vector<PrefixMatches> matches_;    // by producer
  std::optional<std::int64_t> believed_;  // by the first producer: tokens, of the last choice
  std::vector<std::int64_t> uncached_;    // by replica, tokens in flight
  std::unordered_map<RequestIndex, std::int64_t> in_flight_;  // of requests that have no token yet
  std::mt19937_64 random_;
  Candidates candidates_;
  std::vector<double> sums_, scores_;
};

}  // namespace

MadeRouter make_endpoint_picker(const RouterConfig& config, Site site) {
  return std::make_unique<EndpointPicker>(config.epp, std::move(site));
}

}  // namespace blis
