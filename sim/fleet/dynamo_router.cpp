// Dynamo's KV router: the least of the blocks that a prompt would have to wait for, and those in use.
// Source: ai-dynamo/dynamo, docs/components/router/router-concepts.md. The blocks that replicas have cached
// are heard of from their events, without delay; its queue and its tiers are not simulated.
#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include "sim/fleet/router.h"

namespace blis {
namespace {

class DynamoKv final : public Router {
 public:
  DynamoKv(const RouterConfig& config, Site site)
      : credit_(config.values[0]),
        prefill_scale_(config.values[1]),
        temperature_(config.values[2]),
        random_(site.seed),
        replicas_(site.replicas.size()) {
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      replicas_[i].block_tokens = std::max(site.replicas[i].block_size, 1);
    }
  }

  Senses senses() const override { return {.caches = true, .first_tokens = true, .ends = true}; }

  EngineIndex route(const Call& call) override {
    costs_.clear();
    for (const std::size_t i : call.serving) {
      const Replica& replica = replicas_[i];
      const double blocks = blocks_of(replica, call.request.prompt_tokens);
      const double overlap = static_cast<double>(call.loads[i].cached) / replica.block_tokens;
      const double adjusted = std::max(replica.prefill_blocks + blocks - credit_ * overlap, 0.0);
      costs_.push_back(prefill_scale_ * adjusted + replica.decode_blocks + blocks);
    }
    const std::size_t chosen = call.serving[temperature_ > 0 ? draw() : cheapest()];
    Replica& replica = replicas_[chosen];
    const double blocks = blocks_of(replica, call.request.prompt_tokens);
    const double uncached =
        std::max(blocks - static_cast<double>(call.loads[chosen].cached) / replica.block_tokens, 0.0);
    replica.prefill_blocks += uncached;
    replica.decode_blocks += blocks;
    in_flight_[call.number] = {uncached, blocks};
    return static_cast<EngineIndex>(chosen);
  }

  void first_token(RequestIndex number, EngineIndex replica) override {
    replicas_[replica].prefill_blocks -= std::exchange(in_flight_.at(number).prefill, 0);
  }
  void ended(RequestIndex number, EngineIndex replica, Time) override {
    replicas_[replica].decode_blocks -= in_flight_.at(number).decode;
    in_flight_.erase(number);
  }

 private:
  struct Replica {
    double block_tokens = 16;
    double prefill_blocks = 0;  // of prompts without a token yet, as far as they were not cached
    double decode_blocks = 0;   // of prompts that are not answered
  };
  struct Held {
    double prefill, decode;  // blocks
  };

  static double blocks_of(const Replica& replica, std::int32_t tokens) {
    return std::ceil(tokens / replica.block_tokens);
  }

  std::size_t cheapest() {
    std::size_t best = 0;
    std::uint64_t equals = 1;
    for (std::size_t i = 1; i < costs_.size(); ++i) {
      if (costs_[i] < costs_[best]) {
        best = i, equals = 1;
      } else if (costs_[i] == costs_[best] && random_() % ++equals == 0) {
        best = i;
      }
    }
    return best;
  }

  // Softmax over costs that are first brought to [0, 1].
  std::size_t draw() {
    const auto [least, most] = std::ranges::minmax(costs_);
    double sum = 0;
    for (double& cost : costs_) {
      cost = most > least ? std::exp(-(cost - least) / (most - least) / temperature_) : 1;
      sum += cost;
    }
    double left = static_cast<double>(random_() >> 11) * 0x1p-53 * sum;
    for (std::size_t i = 0; i < costs_.size(); ++i) {
      left -= costs_[i];
      if (left < 0) return i;
    }
    return costs_.size() - 1;
  }

  double credit_, prefill_scale_, temperature_;
  std::mt19937_64 random_;
  std::vector<Replica> replicas_;
  std::unordered_map<RequestIndex, Held> in_flight_;
  std::vector<double> costs_;
};

}  // namespace

MadeRouter make_dynamo_kv(const RouterConfig& config, Site site) {
  return std::make_unique<DynamoKv>(config, std::move(site));
}

}  // namespace blis
