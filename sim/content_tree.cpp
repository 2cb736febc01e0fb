#include "sim/content_tree.h"

#include <cassert>

namespace blis {
namespace {

// The finalizer of splitmix64 (Steele et al., OOPSLA 2014): every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

NodeIndex ContentTree::use_shared(NodeIndex parent, std::int32_t start, ContentId content, ContentId salt) {
  if (parent != kNoNode) salt = 0;  // the first node's salt sets the whole chain apart
  std::size_t bucket = bucket_of(parent, start, content, salt);
  if (const NodeIndex known = find(bucket, parent, start, content, salt); known != kNoNode) {
    ++nodes_[known].users;
    return known;
  }
  if (shared_nodes_ >= buckets_.size()) {
    rehash();
    bucket = bucket_of(parent, start, content, salt);
  }
  const NodeIndex n = take_unused();
  nodes_[n] = Node{.content = content,
                   .salt = salt,
                   .parent = parent,
                   .start = start,
                   .users = 1,
                   .next = buckets_[bucket],
                   .shared = true};
  buckets_[bucket] = n;
  ++shared_nodes_;
  if (parent != kNoNode) ++nodes_[parent].users;
  return n;
}

NodeIndex ContentTree::find_shared(NodeIndex parent, std::int32_t start, ContentId content,
                                   ContentId salt) const {
  if (parent != kNoNode) salt = 0;
  return find(bucket_of(parent, start, content, salt), parent, start, content, salt);
}

NodeIndex ContentTree::find(std::size_t bucket, NodeIndex parent, std::int32_t start, ContentId content,
                            ContentId salt) const {
  NodeIndex n = buckets_[bucket];
  for (; n != kNoNode; n = nodes_[n].next) {
    const Node& node = nodes_[n];
    if (node.parent == parent && node.start == start && node.content == content && node.salt == salt) break;
  }
  return n;
}

NodeIndex ContentTree::use_private() {
  const NodeIndex n = take_unused();
  nodes_[n] = Node{.users = 1};
  return n;
}

void ContentTree::release(NodeIndex node) {
  while (node != kNoNode) {
    Node& n = nodes_[node];
    assert(n.users > 0 && "a node is released once by each user");
    if (--n.users > 0) return;
    const NodeIndex parent = n.shared ? n.parent : kNoNode;
    if (n.shared) {
      NodeIndex* link = &buckets_[bucket_of(n.parent, n.start, n.content, n.salt)];
      while (*link != node) link = &nodes_[*link].next;
      *link = n.next;
      --shared_nodes_;
    }
    n.next = unused_;
    unused_ = node;
    node = parent;
  }
}

NodeIndex ContentTree::take_unused() {
  if (unused_ == kNoNode) {
    nodes_.emplace_back();
    return static_cast<NodeIndex>(nodes_.size() - 1);
  }
  const NodeIndex n = unused_;
  unused_ = nodes_[n].next;
  return n;
}

std::size_t ContentTree::bucket_of(NodeIndex parent, std::int32_t start, ContentId content,
                                   ContentId salt) const {
  const std::uint64_t place = (std::uint64_t{parent} << 32) | static_cast<std::uint32_t>(start);
  return mix(mix(place ^ salt * 0x9e3779b97f4a7c15ull) + content) & (buckets_.size() - 1);
}

void ContentTree::rehash() {
  const std::vector<NodeIndex> old = std::move(buckets_);
  buckets_.assign(old.size() * 2, kNoNode);
  for (NodeIndex head : old) {
    for (NodeIndex n = head; n != kNoNode;) {
      Node& node = nodes_[n];
      const NodeIndex next = node.next;
      NodeIndex& bucket = buckets_[bucket_of(node.parent, node.start, node.content, node.salt)];
      node.next = bucket;
      bucket = n;
      n = next;
    }
  }
}

ContentId content_salt(const RequestSpec& request) {
  if (request.adapter == 0) return request.cache_salt;
  const std::uint64_t mixed =
      request.cache_salt + 0x9e3779b97f4a7c15ull * (std::uint64_t{request.adapter} + 1);
  return mix(mixed) | 1;  // never "none"
}

void use_prompt(ContentTree& tree, std::span<const ContentRun> prompt, std::int32_t prompt_tokens,
                ContentId salt, std::vector<ChainLink>& chain) {
  NodeIndex parent = kNoNode;
  std::int32_t start = 0;
  for (const ContentRun& run : prompt) {
    if (run.content == kPrivateContent) break;
    parent = tree.use_shared(parent, start, run.content, salt);
    start += run.tokens;
    chain.push_back({parent, start});
  }
  if (start < prompt_tokens) chain.push_back({tree.use_private(), prompt_tokens});
}

}  // namespace blis
