// What one client of a synthetic workload sends: the lengths and the content of its requests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/request.h"
#include "workloads/lengths_file.h"
#include "workloads/random.h"
#include "workloads/sampler.h"
#include "workloads/workload_spec.h"

namespace blis {

// A conversation that has been planned as a whole, so that what it says does not depend on how fast
// it is answered.
struct Conversation {
  struct Turn {
    std::int32_t input_tokens = 0;  // what the user adds
    std::int32_t output_tokens = 0;
    Duration think_time{};  // before it; for the first turn of a closed-loop user after the last one
  };
  std::uint64_t id = 0;
  std::vector<Turn> turns{};
  std::size_t next_turn = 0;
  std::vector<ContentRun> context{};  // prefix, and everything said and answered so far
  ContentId last_output = kPrivateContent;
  AdapterIndex adapter = 0;
  std::vector<MultimodalItem> items{};  // of the context

  bool over() const { return next_turn == turns.size(); }
};

class ClientTraffic {
 public:
  // `index` is the client's position in its workload; it names the client's content and its random
  // streams. `adapters`: all that its `loras` may name.
  ClientTraffic(const ClientSpec& spec, std::uint64_t seed, std::uint16_t index,
                std::span<const std::string> adapters = {});

  // A request on its own: fills everything but the arrival. `spec.prompt` is valid until the next
  // call of a function of this object.
  void next(RequestSpec& spec);

  // A conversation of at most `max_turns` turns, at least one.
  bool has_sessions() const { return turns_.has_value(); }
  Conversation plan(std::uint64_t id, std::int64_t max_turns);
  // Its next turn as a request, everything but the arrival; `spec.prompt` is a view of `talk`.
  void next_turn(Conversation& talk, RequestSpec& spec);
  // The turn sent last was answered with so many tokens.
  static void answered(Conversation& talk, std::int32_t output_tokens);

 private:
  LengthPair draw_lengths();
  std::int64_t pick(std::int64_t n);  // uniform in [0, n)
  std::optional<ContentRun> draw_prefix(std::optional<std::size_t> pooled);
  void add_prefix(ContentRun prefix, std::vector<ContentRun>& prompt, std::int32_t& input) const;
  void set_limits(RequestSpec& spec) const;
  // Appends a request's images to a prompt.
  void add_images(std::vector<ContentRun>& prompt, std::vector<MultimodalItem>& items);
  AdapterIndex draw_adapter();
  bool draw_structured_output();

  std::uint16_t index_;
  Sampler input_, output_;
  std::vector<LengthPair> pairs_;  // joint lengths, instead of the samplers
  RandomStream random_input_, random_output_, random_choice_;
  std::vector<std::int32_t> prefix_tokens_;  // by group; empty without prefixes
  bool prefix_within_input_ = false;
  std::vector<std::int32_t> pool_tokens_;  // by prompt; empty without a pool
  bool cycle_ = true;
  std::size_t next_in_pool_ = 0;
  std::optional<Sampler> turns_, think_time_;
  RandomStream random_session_;
  std::int64_t max_context_;
  std::optional<Sampler> image_count_, image_tokens_;
  std::vector<std::int32_t> image_pool_;  // embeddings of each; empty: no two images are equal
  std::uint64_t images_ = 0;              // so far
  RandomStream random_image_;
  std::vector<MultimodalItem> items_;
  std::vector<AdapterIndex> adapters_;
  double structured_output_;
  RandomStream random_adapter_, random_grammar_;
  std::int32_t priority_, max_tokens_;
  Duration timeout_;
  std::vector<ContentRun> prompt_;
};

}  // namespace blis
