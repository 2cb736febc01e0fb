#include "sim/kv/content_tree.h"

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
  for (NodeIndex n = buckets_[bucket]; n != kNoNode; n = nodes_[n].next) {
    Node& node = nodes_[n];
    if (node.parent == parent && node.start == start && node.content == content && node.salt == salt) {
      ++node.users;
      return n;
    }
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

}  // namespace blis
