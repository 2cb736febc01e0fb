// The oracle's request: every token spelled out, every block of them with its key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sim/request.h"

namespace blis::oracle {

using Token = std::pair<ContentId, int>;  // the n-th token of a stream of content

// Gives equal keys to equal chains of blocks. The key of a block stands for all tokens up to its
// end: the key before it, its own tokens, the adapter, and, at the first block, the salt.
class PrefixKeys {
 public:
  int key(std::optional<int> before, const std::vector<Token>& tokens, ContentId salt, int adapter) {
    return keys_.try_emplace({before, tokens, before ? 0 : salt, adapter}, static_cast<int>(keys_.size()))
        .first->second;
  }

 private:
  std::map<std::tuple<std::optional<int>, std::vector<Token>, ContentId, int>, int> keys_;
};

enum class Status {
  waiting,
  waiting_for_remote_kv,
  running,
  preempted,
  finished_stopped,
  finished_length,
  finished_aborted
};

struct Request {
  std::string id;
  int priority = 0;
  Time arrival{};
  int max_tokens = 0;
  int eos_after = 0;  // the output that is an EOS token; 0: none
  bool skip_cache_read = false;
  int remote_tokens = 0;  // of its prompt, that lie elsewhere
  bool remote_async =
      false;  // a load brings them, which ends so many schedule() calls after the one it begins in
  int remote_load_steps = 0;
  ContentId salt = 0;
  int adapter = 0;                 // LoRA; 0: none
  bool waits_for_grammar = false;  // while it is being compiled
  std::vector<MultimodalItem> items{};
  ContentId output_content = 0;

  std::vector<Token> tokens{};  // prompt and outputs
  std::vector<int> keys{};      // of its full blocks
  int num_prompt = 0;
  Status status = Status::waiting;
  bool known = false;    // to the scheduler: added and not finished
  int computed = 0;      // advanced when scheduled
  int placeholders = 0;  // outputs in flight, asynchronous scheduling only
  int drafts = 0;
  int decodes_from = 0;      // the schedule() call that may name it again
  int in_flight = 0;         // tokens in steps not yet updated
  int stale = 0;             // of them, those from before a preemption
  bool drop_stale = false;   // their output is dropped: the prefix cache was reset
  bool mid_prefill = false;  // after its last step, more known tokens remained to be computed
  int preemptions = 0;
  int last_step = 0;       // that it was scheduled in, by number from 1
  int load_ends = 0;       // the schedule() call that sees its load ended
  int cached_tokens = -1;  // at first admission
  int num_out = 0;
  int shared_prefix_boundary = 0;  // where another prompt parts, by the latest lookup; 0: none known
  int first_unnamed = 0;           // the first output after the last one whose value was given

  int num_tokens() const { return static_cast<int>(tokens.size()); }

  void append_output(std::optional<ContentId> value) {
    if (value) {
      tokens.push_back({*value, 0});
      first_unnamed = num_out + 1;
    } else {
      tokens.push_back({output_content + static_cast<ContentId>(first_unnamed), num_out - first_unnamed});
    }
    ++num_out;
  }

  void extend_keys(PrefixKeys& all, int block_size) {
    while (static_cast<int>(keys.size() + 1) * block_size <= num_tokens()) {
      const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(keys.size()) * block_size;
      const std::optional<int> before = keys.empty() ? std::nullopt : std::optional(keys.back());
      keys.push_back(all.key(before, {begin, begin + block_size}, salt, adapter));
    }
  }
};

}  // namespace blis::oracle
