// Names prompts' prefixes: two requests reach the same node exactly when all their tokens up to it
// are equal. Cached blocks hang on nodes, so equal prefixes find each other's blocks by content
// run, never by token or by block.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/request.h"

namespace blis {

using NodeIndex = std::uint32_t;
constexpr NodeIndex kNoNode = ~NodeIndex{0};

// A node stands for "everything its parent stands for, up to token `start`, then the stream
// `content`". It lives while somebody uses it: a request whose prompt runs through it, a child, or
// a group of cached blocks.
class ContentTree {
 public:
  // The node of `content` from token `start` on, after `parent` (kNoNode: the start of a prompt
  // with this salt). Made if there is none; either way the caller becomes a user of it.
  NodeIndex use_shared(NodeIndex parent, std::int32_t start, ContentId content, ContentId salt);

  // The same node if there is one, otherwise kNoNode. Nobody becomes a user.
  NodeIndex find_shared(NodeIndex parent, std::int32_t start, ContentId content, ContentId salt) const;

  // A node that nobody else can ever find. The caller becomes its user.
  NodeIndex use_private();

  void use(NodeIndex node) { ++nodes_[node].users; }
  // The last user of a node takes it away with him, and his use of its parent.
  void release(NodeIndex node);

  bool is_private(NodeIndex node) const { return !nodes_[node].shared; }
  std::size_t slots() const { return nodes_.size(); }  // nodes ever alive at once; indices are below

 private:
  struct Node {
    ContentId content = 0;
    ContentId salt = 0;
    NodeIndex parent = kNoNode;
    std::int32_t start = 0;
    std::uint32_t users = 0;
    NodeIndex next = kNoNode;  // in its hash bucket, or in the list of unused nodes
    bool shared = false;
  };

  NodeIndex find(std::size_t bucket, NodeIndex parent, std::int32_t start, ContentId content,
                 ContentId salt) const;
  NodeIndex take_unused();
  std::size_t bucket_of(NodeIndex parent, std::int32_t start, ContentId content, ContentId salt) const;
  void rehash();

  std::vector<Node> nodes_;
  std::vector<NodeIndex> buckets_ = std::vector<NodeIndex>(1024, kNoNode);  // a power of two
  std::size_t shared_nodes_ = 0;
  NodeIndex unused_ = kNoNode;
};

// The salt of a request's prompt: its adapter is part of the keys of all its blocks, which part from all
// others' at the first.
ContentId content_salt(const RequestSpec& request);

// The part of a prompt that follows `node`: its tokens from where the link before ends up to `end`.
struct ChainLink {
  NodeIndex node = kNoNode;
  std::int32_t end = 0;
};

// Appends the nodes of a prompt, of which the caller becomes a user. From the first private run on, all is
// one private node. `prompt` is as RequestSpec has it.
void use_prompt(ContentTree& tree, std::span<const ContentRun> prompt, std::int32_t prompt_tokens,
                ContentId salt, std::vector<ChainLink>& chain);

}  // namespace blis
