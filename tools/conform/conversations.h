// Names every token of a vector's requests as content runs, so that equal tokens have equal names:
// what a scheduler needs to know of prompts and outputs, as data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/conform/scheduler_under_test.h"
#include "tools/conform/vectors.h"

namespace blis::conform {

// Names a token that has a value: the same value has the same name, in prompts and in outputs.
ContentId token_content(std::int64_t value);

// A continuation contains what the request before it has said until now, so the outputs of requests
// are followed while they are generated.
class Conversations {
 public:
  // Keeps a reference to `requests`.
  explicit Conversations(const std::vector<VectorRequest>& requests);

  // The request as it stands at its creation. Throws std::runtime_error if it continues one that
  // was not started.
  NewRequest start(const std::string& id);
  bool started(const std::string& id) const;

  // Whether anybody will ask for the outputs of this request.
  bool is_continued(const std::string& id) const;
  // `id` generated `count` tokens: the first of `values`, or if there are none, of unknown values.
  void generated(const std::string& id, int count, const std::vector<ContentId>& values);

 private:
  struct Talk {
    std::uint32_t order = 0;
    std::uint32_t id_order = 0;
    std::int64_t arrival_rank = 0;
    bool continued = false;
    bool started = false;
    std::vector<ContentRun> text;  // prompt and outputs
    int outputs = 0;
    ContentId open_stream = kPrivateContent;  // of the outputs since the last given value
  };

  std::vector<ContentRun> prompt_of(const VectorRequest& request) const;
  std::vector<MultimodalItem> items_of(const VectorRequest& request) const;

  const std::vector<VectorRequest>& requests_;
  std::map<std::string, Talk> talks_;
  std::map<std::string, ContentId> groups_;
  std::map<std::string, ContentId> salts_;
  std::map<std::string, std::uint64_t> hashes_;  // of items
};

// For those who take requests in the simulator's form. The prompt is a view of `request`.
RequestSpec to_spec(const NewRequest& request);

}  // namespace blis::conform
