#include "tools/conform/conversations.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace blis::conform {
namespace {

// The top byte says what kind of text a name is for, so the kinds never meet.
enum class Kind : std::uint64_t { value = 1, group, own_text, output, beside_items };

constexpr ContentId name_of(Kind kind, std::uint64_t rest) {
  return (static_cast<std::uint64_t>(kind) << 56) | rest;
}
ContentId output_name(std::uint32_t order) {
  return name_of(Kind::output, std::uint64_t{order} << 32);  // + the number of an output
}

// What an item makes of the text it stands in, from token `from` of the stream `content` on; without a hash,
// what comes after an item.
ContentId item_name(ContentId content, int from, std::uint64_t hash) {
  std::uint64_t mixed = content;
  for (const std::uint64_t part : {static_cast<std::uint64_t>(from), hash}) {
    mixed = (mixed ^ part) * 0xbf58476d1ce4e5b9ull;
    mixed ^= mixed >> 29;
  }
  return name_of(Kind::beside_items, mixed & ((std::uint64_t{1} << 56) - 1));
}

void add_run(std::vector<ContentRun>& runs, ContentId content, int tokens) {
  if (tokens > 0) runs.push_back({content, tokens});
}

}  // namespace

namespace {

// The text with the items in it: a block that touches an item is another block.
std::vector<ContentRun> with_items(const std::vector<ContentRun>& text,
                                   const std::vector<MultimodalItem>& items) {
  std::vector<ContentRun> runs;
  int at = 0;
  auto item = items.begin();
  for (const ContentRun& run : text) {
    for (int from = 0; from < run.tokens;) {
      while (item != items.end() && item->offset + item->tokens <= at + from) ++item;
      const bool inside = item != items.end() && item->offset <= at + from;
      const int stop = item == items.end() ? at + run.tokens
                       : inside            ? item->offset + item->tokens
                                           : item->offset;
      const int until = std::min(stop - at, run.tokens);
      const ContentId content = inside     ? item_name(run.content, from, item->hash)
                                : from > 0 ? item_name(run.content, from, 0)
                                           : run.content;
      add_run(runs, content, until - from);
      from = until;
    }
    at += run.tokens;
  }
  if (!items.empty() && items.back().offset + items.back().tokens > at) {
    throw std::runtime_error("an item lies beyond the prompt of " + std::to_string(at) + " tokens");
  }
  return runs;
}

}  // namespace

ContentId token_content(std::int64_t value) {
  constexpr std::uint64_t kLow56 = (std::uint64_t{1} << 56) - 1;
  return name_of(Kind::value, static_cast<std::uint64_t>(value) & kLow56);
}

int NewRequest::prompt_tokens() const {
  return std::accumulate(prompt.begin(), prompt.end(), 0,
                         [](int sum, const ContentRun& run) { return sum + run.tokens; });
}

int NamedDecision::total() const {
  return std::accumulate(tokens.begin(), tokens.end(), 0,
                         [](int sum, const auto& grant) { return sum + grant.second; });
}

Conversations::Conversations(const std::vector<VectorRequest>& requests) : requests_(requests) {
  for (std::uint32_t i = 0; i < requests.size(); ++i) {
    const VectorRequest& r = requests[i];
    talks_[r.id].order = i;
    if (const auto* more = std::get_if<Continuation>(&r.prompt)) talks_[more->previous].continued = true;
    if (const auto* text = std::get_if<FreshText>(&r.prompt)) {
      groups_.try_emplace(text->prefix_group, name_of(Kind::group, groups_.size()));
    }
    if (r.cache_salt) salts_.try_emplace(*r.cache_salt, salts_.size() + 1);
    for (const VectorItem& item : r.mm_items) hashes_.try_emplace(item.hash, hashes_.size() + 1);
  }
  std::vector<double> times;
  for (const VectorRequest& r : requests) times.push_back(r.arrival_time);
  std::ranges::sort(times);
  for (const VectorRequest& r : requests) {
    talks_[r.id].arrival_rank = std::ranges::lower_bound(times, r.arrival_time) - times.begin();
  }
  std::uint32_t rank = 0;
  for (auto& [id, talk] : talks_) talk.id_order = rank++;
}

bool Conversations::started(const std::string& id) const {
  return talks_.at(id).started;
}

bool Conversations::is_continued(const std::string& id) const {
  return talks_.at(id).continued;
}

std::vector<ContentRun> Conversations::prompt_of(const VectorRequest& request) const {
  std::vector<ContentRun> runs;
  const ContentId own_text = name_of(Kind::own_text, talks_.at(request.id).order);
  if (const auto* tokens = std::get_if<TokenValues>(&request.prompt)) {
    for (std::int64_t value : tokens->values) runs.push_back({token_content(value), 1});
  } else if (const auto* more = std::get_if<Continuation>(&request.prompt)) {
    const Talk& previous = talks_.at(more->previous);
    if (!previous.started) {
      throw std::runtime_error("`" + request.id + "` continues `" + more->previous +
                               "`, which has not arrived");
    }
    runs = previous.text;
    add_run(runs, own_text, more->extra_tokens);
  } else {
    const auto& text = std::get<FreshText>(request.prompt);
    add_run(runs, groups_.at(text.prefix_group), text.prefix_tokens);
    add_run(runs, own_text, text.tokens - text.prefix_tokens);
  }
  return runs;
}

std::vector<MultimodalItem> Conversations::items_of(const VectorRequest& request) const {
  std::vector<MultimodalItem> items;
  for (const VectorItem& item : request.mm_items) {
    items.push_back({.offset = item.offset, .tokens = item.tokens, .hash = hashes_.at(item.hash)});
  }
  return items;
}

NewRequest Conversations::start(const std::string& id) {
  Talk& talk = talks_.at(id);
  const VectorRequest& r = requests_[talk.order];
  talk.text = prompt_of(r);
  talk.started = true;
  const std::vector<MultimodalItem> items = items_of(r);
  return {.id = id,
          .order = talk.order,
          .id_order = talk.id_order,
          .arrival = Time{Duration{talk.arrival_rank}},
          .priority = r.priority,
          .max_tokens = r.max_tokens,
          .eos_after = r.eos_after,
          .skip_cache_read = r.skip_cache_read,
          .remote_tokens = r.remote_tokens,
          .remote_async = r.remote_async,
          .remote_load_steps = r.remote_load_steps,
          .cache_salt = r.cache_salt ? salts_.at(*r.cache_salt) : 0,
          .adapter = static_cast<AdapterIndex>(r.lora),
          .waits_for_grammar = r.grammar_ready_step >= 0,
          .items = items,
          .prompt = with_items(talk.text, items),
          .output_content = output_name(talk.order),
          .continued = talk.continued};
}

void Conversations::generated(const std::string& id, int count, const std::vector<ContentId>& values) {
  Talk& talk = talks_.at(id);
  if (!values.empty()) {
    for (int i = 0; i < count; ++i) talk.text.push_back({values[static_cast<std::size_t>(i)], 1});
    talk.open_stream = kPrivateContent;
  } else if (count > 0) {
    if (talk.open_stream == kPrivateContent) {
      talk.open_stream = output_name(talk.order) + static_cast<std::uint64_t>(talk.outputs);
      talk.text.push_back({talk.open_stream, 0});
    }
    talk.text.back().tokens += count;
  }
  talk.outputs += count;
}

RequestSpec to_spec(const NewRequest& request) {
  const bool eos = request.eos_after > 0 && request.eos_after < request.max_tokens;
  return {.arrival = request.arrival,
          .prompt_tokens = request.prompt_tokens(),
          .output_tokens = eos ? request.eos_after : request.max_tokens,
          .max_tokens = eos ? request.max_tokens : 0,
          .priority = request.priority,
          .prompt = request.prompt,
          .output_content = request.output_content,
          .cache_salt = request.cache_salt,
          .skip_cache_read = request.skip_cache_read,
          .adapter = request.adapter,
          .structured_output = request.waits_for_grammar,
          .items = request.items};
}

}  // namespace blis::conform
