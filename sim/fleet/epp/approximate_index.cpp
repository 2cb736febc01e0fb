// Source: llm-d-router, pkg/epp/framework/plugins/requestcontrol/dataproducer/approximateprefix: one LRU list
// of block hashes a replica, to which a prompt's blocks are added in their order.
#include "sim/fleet/epp/approximate_index.h"

#include <algorithm>
#include <utility>

namespace blis {
namespace {

// Names the node of a prompt's last, partial block: only a prompt that ends there, too, has that block.
constexpr ContentId kEndOfPrompt = 0x656e64206f662061ull;

}  // namespace

ApproximateIndex::ApproximateIndex(ContentTree& tree, const Rules& rules,
                                   std::vector<std::int64_t> capacities)
    : tree_(tree), rules_(rules), capacities_(std::move(capacities)), lists_(capacities_.size()) {}

ApproximateIndex::~ApproximateIndex() {
  for (const List& list : lists_) {
    for (EntryIndex e = list.oldest; e != kNone; e = entries_[e].newer) tree_.release(entries_[e].node);
  }
}

template <class Visit>
void ApproximateIndex::for_each_link(std::span<const ChainLink> prompt, Visit visit) const {
  std::int32_t lo = 0;
  for (const ChainLink& link : prompt) {
    const std::int32_t hi = std::min(link.end / rules_.block_tokens, rules_.max_blocks);
    if (lo < hi && !visit(link.node, lo, hi)) return;
    lo = std::max(lo, hi);
  }
}

std::int32_t ApproximateIndex::blocks_of(std::span<const ChainLink> prompt) const {
  if (prompt.empty()) return 0;
  const std::int32_t whole = prompt.back().end / rules_.block_tokens;
  const bool rest = rules_.partial_block && whole * rules_.block_tokens < prompt.back().end;
  return std::min(whole + (rest ? 1 : 0), rules_.max_blocks);
}

// The node of the last block, if that is a partial one; known or not.
NodeIndex ApproximateIndex::tail_of(std::span<const ChainLink> prompt) const {
  return tree_.find_shared(prompt.back().node, prompt.back().end, kEndOfPrompt, 0);
}

void ApproximateIndex::match(std::span<const ChainLink> prompt, PrefixMatches& found) const {
  found.blocks.assign(lists_.size(), 0);
  found.block_tokens = rules_.block_tokens;
  found.total = blocks_of(prompt);
  std::int32_t reached = 0;
  for_each_link(prompt, [&](NodeIndex node, std::int32_t lo, std::int32_t hi) {
    reached = match_node(node, lo, hi, found);
    return reached == hi;
  });
  if (found.total > 0 && reached == found.total - 1 &&
      prompt.back().end / rules_.block_tokens < found.total) {
    if (const NodeIndex tail = tail_of(prompt); tail != kNoNode)
      match_node(tail, reached, found.total, found);
  }
  if (!rules_.model_block || found.total == 0) return;
  ++found.total;
  for (std::size_t replica = 0; replica < lists_.size(); ++replica) {
    if (lists_[replica].blocks > 0) ++found.blocks[replica];
  }
}

// Counts the blocks [lo, hi) that replicas have, up to the first one that nobody has. Returns that one.
std::int32_t ApproximateIndex::match_node(NodeIndex node, std::int32_t lo, std::int32_t hi,
                                          PrefixMatches& found) const {
  std::int32_t reached = lo;
  for (bool further = true; further && reached < hi;) {
    further = false;
    for (EntryIndex e = first_of(node); e != kNone; e = entries_[e].next) {
      if (entries_[e].lo > reached || entries_[e].hi <= reached) continue;
      reached = std::min(entries_[e].hi, hi);
      further = true;
    }
  }
  for (EntryIndex e = first_of(node); e != kNone; e = entries_[e].next) {
    const Entry& entry = entries_[e];
    found.blocks[entry.replica] += std::max(std::min(entry.hi, reached) - std::max(entry.lo, lo), 0);
  }
  return reached;
}

void ApproximateIndex::insert(std::span<const ChainLink> prompt, std::size_t replica) {
  for_each_link(prompt, [&](NodeIndex node, std::int32_t lo, std::int32_t hi) {
    touch(node, replica, lo, hi);
    return true;
  });
  const std::int32_t total = blocks_of(prompt);
  if (total > 0 && prompt.back().end / rules_.block_tokens < total) {
    const NodeIndex tail = tree_.use_shared(prompt.back().node, prompt.back().end, kEndOfPrompt, 0);
    touch(tail, replica, total - 1, total);
    tree_.release(tail);
  }
  evict(replica);
}

// Blocks [lo, hi) become the most recent of the replica; what goes on beyond stays where it is in its list.
void ApproximateIndex::touch(NodeIndex node, std::size_t replica, std::int32_t lo, std::int32_t hi) {
  for (EntryIndex e = first_of(node); e != kNone;) {
    Entry& entry = entries_[e];
    const EntryIndex next = entry.next;
    if (entry.replica == replica && entry.lo < hi) {
      lists_[replica].blocks -= std::min(entry.hi, hi) - entry.lo;
      entry.lo = std::min(entry.hi, hi);
      if (entry.lo == entry.hi) remove(e);
    }
    e = next;
  }
  append({.node = node, .replica = static_cast<std::uint32_t>(replica), .lo = lo, .hi = hi});
}

void ApproximateIndex::append(const Entry& entry) {
  if (unused_ == kNone) {
    unused_ = static_cast<EntryIndex>(entries_.size());
    entries_.emplace_back();
  }
  const EntryIndex e = unused_;
  unused_ = entries_[e].next;
  if (heads_.size() <= entry.node) heads_.resize(std::max<std::size_t>(tree_.slots(), entry.node + 1), kNone);
  List& list = lists_[entry.replica];
  entries_[e] = entry;
  entries_[e].next = std::exchange(heads_[entry.node], e);
  entries_[e].older = std::exchange(list.newest, e);
  (entries_[e].older == kNone ? list.oldest : entries_[entries_[e].older].newer) = e;
  list.blocks += entry.hi - entry.lo;
  tree_.use(entry.node);
}

// The oldest blocks go, of an entry the first ones first.
void ApproximateIndex::evict(std::size_t replica) {
  List& list = lists_[replica];
  while (list.blocks > capacities_[replica]) {
    Entry& oldest = entries_[list.oldest];
    const auto gone = static_cast<std::int32_t>(
        std::min<std::int64_t>(list.blocks - capacities_[replica], oldest.hi - oldest.lo));
    oldest.lo += gone;
    list.blocks -= gone;
    if (oldest.lo == oldest.hi) remove(list.oldest);
  }
}

void ApproximateIndex::forget(std::size_t replica) {
  while (lists_[replica].oldest != kNone) remove(lists_[replica].oldest);
  lists_[replica].blocks = 0;
}

void ApproximateIndex::remove(EntryIndex e) {
  const Entry entry = entries_[e];
  EntryIndex* link = &heads_[entry.node];
  while (*link != e) link = &entries_[*link].next;
  *link = entry.next;
  List& list = lists_[entry.replica];
  (entry.older == kNone ? list.oldest : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? list.newest : entries_[entry.newer].older) = entry.older;
  entries_[e].next = std::exchange(unused_, e);
  tree_.release(entry.node);
}

}  // namespace blis
