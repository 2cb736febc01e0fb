#include "workloads/client_traffic.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "workloads/bad_row.h"

namespace blis {
namespace {

enum class ContentKind : std::uint8_t { prefix = 1, pool, said, answered, image };

// Clients never share content, nor do a client's prefixes, pooled prompts and conversations.
ContentId content_id(ContentKind kind, std::uint16_t client, std::uint64_t number) {
  return (static_cast<ContentId>(kind) << 56) | (static_cast<ContentId>(client) << 40) |
         (number & 0xffffffffff);
}
// Of a turn: conversations are told apart by 28 bits of their id, 4096 turns by the rest.
ContentId content_id(ContentKind kind, std::uint16_t client, std::uint64_t conversation, std::size_t turn) {
  return content_id(kind, client, (conversation << 12) | (turn & 0xfff));
}

std::vector<std::int32_t> draw(const Distribution& distribution, std::int64_t n, RandomStream random) {
  Sampler sampler(distribution);
  std::vector<std::int32_t> values(static_cast<std::size_t>(n));
  for (std::int32_t& value : values) value = sampler.count(random);
  return values;
}

std::int64_t tokens_of(const std::vector<ContentRun>& runs) {
  std::int64_t sum = 0;
  for (const ContentRun& run : runs) sum += run.tokens;
  return sum;
}

}  // namespace

ClientTraffic::ClientTraffic(const ClientSpec& spec, std::uint64_t seed, std::uint16_t index,
                             std::span<const std::string> adapters)
    : index_(index),
      input_(spec.lengths_path.empty() ? spec.input_tokens : Distribution{}),
      output_(spec.lengths_path.empty() ? spec.output_tokens : Distribution{}, true),
      random_input_(random_stream(seed, "input tokens", index)),
      random_output_(random_stream(seed, "output tokens", index)),
      random_choice_(random_stream(seed, "prefix and prompt", index)),
      random_session_(random_stream(seed, "session", index)),
      max_context_(kMaxTokensPerRequest),
      random_image_(random_stream(seed, "images", index)),
      structured_output_(spec.structured_output),
      random_adapter_(random_stream(seed, "adapter", index)),
      random_grammar_(random_stream(seed, "structured output", index)),
      priority_(spec.priority),
      max_tokens_(static_cast<std::int32_t>(spec.max_tokens.value_or(0))),
      timeout_(spec.timeout_s ? to_duration(Seconds{*spec.timeout_s}) : Duration{0}) {
  if (!spec.lengths_path.empty()) pairs_ = read_lengths(spec.lengths_path);
  if (spec.prefix) {
    prefix_tokens_ =
        draw(spec.prefix->tokens, spec.prefix->groups, random_stream(seed, "prefix tokens", index));
    prefix_within_input_ = spec.prefix->within_input;
  }
  if (spec.prompts) {
    const auto n = static_cast<std::size_t>(spec.prompts->pool);
    RandomStream random = random_stream(seed, "pool tokens", index);
    std::swap(random, random_input_);
    for (std::size_t i = 0; i < n; ++i) pool_tokens_.push_back(draw_lengths().input);
    std::swap(random, random_input_);
    cycle_ = spec.prompts->order == PromptPoolSpec::Order::cycle;
  }
  if (spec.images) {
    image_count_.emplace(spec.images->count);
    image_tokens_.emplace(spec.images->tokens);
    if (spec.images->pool) {
      image_pool_ = draw(spec.images->tokens, *spec.images->pool, random_stream(seed, "image tokens", index));
    }
  }
  for (const std::string& name : spec.loras) {
    const auto found = std::ranges::find(adapters, name);
    adapters_.push_back(static_cast<AdapterIndex>(found - adapters.begin() + 1));
  }
  if (spec.session) {
    turns_.emplace(spec.session->turns);
    think_time_.emplace(spec.session->think_time_s);
    max_context_ = spec.session->max_context_tokens.value_or(max_context_);
  }
}

std::int64_t ClientTraffic::pick(std::int64_t n) {
  return boost::random::uniform_int_distribution<std::int64_t>(0, n - 1)(random_choice_);
}

LengthPair ClientTraffic::draw_lengths() {
  if (!pairs_.empty()) {
    boost::random::uniform_int_distribution<std::size_t> any(0, pairs_.size() - 1);
    return pairs_[any(random_input_)];
  }
  return {input_.count(random_input_), output_.count(random_output_)};
}

// A pooled prompt always has the same prefix, so that equal prompts are equal as a whole.
std::optional<ContentRun> ClientTraffic::draw_prefix(std::optional<std::size_t> pooled) {
  if (prefix_tokens_.empty()) return std::nullopt;
  const std::size_t group =
      pooled ? *pooled % prefix_tokens_.size() : static_cast<std::size_t>(pick(std::ssize(prefix_tokens_)));
  return ContentRun{content_id(ContentKind::prefix, index_, group), prefix_tokens_[group]};
}

void ClientTraffic::add_prefix(ContentRun prefix, std::vector<ContentRun>& prompt,
                               std::int32_t& input) const {
  if (prefix_within_input_) {
    prefix.tokens = std::min(prefix.tokens, input - 1);
    input -= prefix.tokens;
  }
  if (prefix.tokens > 0) prompt.push_back(prefix);
}

void ClientTraffic::set_limits(RequestSpec& spec) const {
  spec.priority = priority_;
  spec.timeout = timeout_;
  spec.client = index_;
  if (max_tokens_ == 0) return;
  spec.output_tokens = std::min(spec.output_tokens, max_tokens_);
  spec.max_tokens = max_tokens_;
}

AdapterIndex ClientTraffic::draw_adapter() {
  if (adapters_.empty()) return 0;
  return adapters_[boost::random::uniform_int_distribution<std::size_t>(
      0, adapters_.size() - 1)(random_adapter_)];
}

bool ClientTraffic::draw_structured_output() {
  return structured_output_ > 0 && unit_uniform(random_grammar_) < structured_output_;
}

void ClientTraffic::add_images(std::vector<ContentRun>& prompt, std::vector<MultimodalItem>& items) {
  if (!image_count_) return;
  std::int64_t at = tokens_of(prompt);
  const auto count = static_cast<std::int64_t>(std::round(image_count_->real(random_image_)));
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t number = images_++;
    std::int32_t tokens = 0;
    if (image_pool_.empty()) {
      tokens = image_tokens_->count(random_image_);
    } else {
      number = boost::random::uniform_int_distribution<std::size_t>(0, image_pool_.size() - 1)(random_image_);
      tokens = image_pool_[number];
    }
    if (at + tokens > kMaxTokensPerRequest) return;
    const ContentId content = content_id(ContentKind::image, index_, number);
    items.push_back({static_cast<std::int32_t>(at), tokens, content});
    prompt.push_back({content, tokens});
    at += tokens;
  }
}

void ClientTraffic::next(RequestSpec& spec) {
  LengthPair lengths = draw_lengths();
  prompt_.clear();
  items_.clear();
  std::optional<std::size_t> pooled;
  if (!pool_tokens_.empty()) {
    pooled = cycle_ ? next_in_pool_ : static_cast<std::size_t>(pick(std::ssize(pool_tokens_)));
    next_in_pool_ = (next_in_pool_ + 1) % pool_tokens_.size();
  }
  if (pooled) lengths.input = pool_tokens_[*pooled];
  if (const auto prefix = draw_prefix(pooled)) add_prefix(*prefix, prompt_, lengths.input);
  add_images(prompt_, items_);
  if (pooled) {
    prompt_.push_back({content_id(ContentKind::pool, index_, *pooled), lengths.input});
  } else if (!prompt_.empty()) {
    prompt_.push_back({kPrivateContent, lengths.input});
  }
  spec = RequestSpec{};
  spec.prompt = prompt_;  // no runs: wholly private
  spec.prompt_tokens = prompt_.empty() ? lengths.input : static_cast<std::int32_t>(tokens_of(prompt_));
  spec.output_tokens = lengths.output;
  spec.items = items_;
  spec.adapter = draw_adapter();
  spec.structured_output = draw_structured_output();
  set_limits(spec);
}

Conversation ClientTraffic::plan(std::uint64_t id, std::int64_t max_turns) {
  Conversation talk{.id = id, .adapter = draw_adapter()};
  const std::optional<ContentRun> prefix = draw_prefix(std::nullopt);
  std::int64_t context = 0;
  const std::int64_t wanted = std::min<std::int64_t>(turns_->count(random_session_), max_turns);
  for (std::int64_t i = 0; i < wanted; ++i) {
    LengthPair lengths = draw_lengths();
    if (i == 0 && prefix) {
      add_prefix(*prefix, talk.context, lengths.input);
      context = tokens_of(talk.context);
    }
    const Duration think_time = to_duration(Seconds{think_time_->real(random_session_)});
    const std::int32_t output = max_tokens_ > 0 ? std::min(lengths.output, max_tokens_) : lengths.output;
    context += lengths.input + output;
    if (i > 0 && context > max_context_) break;
    talk.turns.push_back({lengths.input, output, think_time});
  }
  return talk;
}

void ClientTraffic::next_turn(Conversation& talk, RequestSpec& spec) {
  const std::size_t number = talk.next_turn++;
  const Conversation::Turn& turn = talk.turns[number];
  const bool is_last = talk.over();
  // What no later prompt repeats needs no name.
  const ContentId said = is_last ? kPrivateContent : content_id(ContentKind::said, index_, talk.id, number);
  add_images(talk.context, talk.items);
  talk.context.push_back({said, turn.input_tokens});
  talk.last_output = is_last ? kPrivateContent : content_id(ContentKind::answered, index_, talk.id, number);
  spec = RequestSpec{};
  spec.prompt = talk.context;
  spec.prompt_tokens = static_cast<std::int32_t>(tokens_of(talk.context));
  spec.output_tokens = turn.output_tokens;
  spec.output_content = talk.last_output;
  spec.items = talk.items;
  spec.session = talk.id + 1;
  spec.adapter = talk.adapter;
  spec.structured_output = draw_structured_output();
  set_limits(spec);
}

void ClientTraffic::answered(Conversation& talk, std::int32_t output_tokens) {
  if (output_tokens > 0) talk.context.push_back({talk.last_output, output_tokens});
}

}  // namespace blis
