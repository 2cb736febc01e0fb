#include "sim/fleet/balancer.h"

#include <algorithm>
#include <random>
#include <utility>

namespace blis {
namespace {

// Scrapers start when they start: their phases are drawn from a stream of their own.
constexpr std::uint64_t kScrapeStream = 0x7363726170657273ull;

}  // namespace

void Balancer::add(EngineIndex endpoint, const EngineType& type, const Instance& instance,
                   EndpointIndex within, bool serves) {
  if (places_.size() <= endpoint) places_.resize(std::size_t{endpoint} + 1);
  places_[endpoint] = replicas_.size();
  if (serves) serving_.push_back(replicas_.size());
  replicas_.push_back({endpoint, &instance, within});
  loads_.emplace_back();
  facts_.push_back(type.published_facts());
}

void Balancer::start(std::unique_ptr<Router> own) {
  if (empty()) return;
  router_ = own ? std::move(own) : make_router(config_, {facts_, contents_, seed_});
  senses_ = router_->senses();
  if (!(senses_.metrics || watched_) || config_.scrape == Duration{0}) return;
  std::mt19937_64 random(seed_ ^ kScrapeStream);
  for (Replica& replica : replicas_) {
    replica.phase = senses_.at_once && &replica != &replicas_.front()
                        ? replicas_.front().phase
                        : Duration{static_cast<Duration::rep>(
                              random() % static_cast<std::uint64_t>(config_.scrape.count()))};
  }
}

void Balancer::open(EngineIndex endpoint) {
  const std::size_t place = places_[endpoint];
  serving_.insert(std::ranges::lower_bound(serving_, place), place);
}

void Balancer::close(EngineIndex endpoint) {
  std::erase(serving_, places_[endpoint]);
  router_->left(static_cast<EngineIndex>(places_[endpoint]));
}

void Balancer::lose(EngineIndex endpoint) {
  close(endpoint);
  const std::size_t place = places_[endpoint];
  loads_[place].scraped = {};
  replicas_[place].scraped = kUnset;
}

EngineIndex Balancer::choose(const RequestSpec& request, RequestIndex number, Time at) {
  for (const std::size_t place : serving_) {
    if (senses_.metrics) look(place, at);
    if (senses_.caches) {
      const Replica& replica = replicas_[place];
      loads_[place].cached = replica.instance->cached_tokens(request, replica.within);
    }
  }
  if (senses_.first_tokens) {
    for (std::size_t place = 0; place < replicas_.size(); ++place) hear_first_tokens(place, at);
  }
  if (senses_.contents) {
    use_prompt(contents_, request.prompt, request.prompt_tokens, content_salt(request), chain_);
  }
  const EngineIndex chosen = router_->route({.request = request,
                                             .loads = loads_,
                                             .serving = serving_,
                                             .number = number,
                                             .at = at,
                                             .chain = chain_});
  for (const ChainLink& link : chain_) contents_.release(link.node);
  chain_.clear();
  return chosen == kNoReplica ? kNoReplica : replicas_[chosen].endpoint;
}

double Balancer::saturation(const SaturationRule& rule, Time at) {
  if (rule.kind == SaturationRule::Kind::utilization) {
    for (const std::size_t place : serving_) look(place, at);
  }
  return blis::saturation(rule, loads_, serving_, at);
}

Time Balancer::next_scrape(Time at) const {
  Time next = kNever;
  for (const std::size_t place : serving_) {
    const Duration phase = replicas_[place].phase, since = since_start(at) - phase;
    Time scrape = Time{phase};
    if (config_.scrape == Duration{0}) {
      scrape = at + Duration{1};
    } else if (since >= Duration{0}) {
      scrape += (since / config_.scrape + 1) * config_.scrape;
    }
    next = std::min(next, scrape);
  }
  return next;
}

// The metrics as they were when last scraped. Before the first scrape they are those of an idle engine.
void Balancer::look(std::size_t place, Time at) {
  Replica& replica = replicas_[place];
  Time scraped = at;
  if (config_.scrape > Duration{0}) {
    const Duration since = since_start(at) - replica.phase;
    if (since < Duration{0}) return;
    scraped = Time{replica.phase + since / config_.scrape * config_.scrape};
    if (scraped == replica.scraped) return;
  }
  replica.scraped = scraped;
  loads_[place].scraped = replica.instance->published(scraped, replica.within);
  loads_[place].scraped_at = scraped;
}

void Balancer::hear_first_tokens(std::size_t place, Time at) {
  std::erase_if(replicas_[place].unanswered, [&](RequestIndex number) {
    const Time first = records_[number].first_token;
    if (first == kUnset || first > at) return false;
    router_->first_token(number, static_cast<EngineIndex>(place));
    return true;
  });
}

void Balancer::sent(EngineIndex endpoint, RequestIndex number, std::int64_t tokens) {
  const std::size_t place = places_[endpoint];
  ++loads_[place].requests;
  loads_[place].tokens += tokens;
  if (senses_.first_tokens) replicas_[place].unanswered.push_back(number);
}

void Balancer::answered(EngineIndex endpoint, RequestIndex number, std::int64_t tokens, Time at) {
  const std::size_t place = places_[endpoint];
  --loads_[place].requests;
  loads_[place].tokens -= tokens;
  if (senses_.first_tokens && std::erase(replicas_[place].unanswered, number) > 0) {
    router_->first_token(number, static_cast<EngineIndex>(place));
  }
  if (senses_.ends) router_->ended(number, static_cast<EngineIndex>(place), at);
}

}  // namespace blis
