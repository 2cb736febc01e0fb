// A model as a list of layers, each a mixer (attention and the like) and a channel mixer (MLP, experts). A
// kind of half layer does nothing: it describes itself once, as plain data for one rank, and whoever prices,
// sizes or counts reads the description. The kinds are in roofline/kinds/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "roofline/attention_shape.h"
#include "roofline/moe_shape.h"
#include "roofline/parallelism.h"
#include "roofline/quantization.h"

namespace blis {

// Activations are 16-bit, whatever the weights are.
constexpr double kActivationBytes = 2;

// What a matrix belongs to: how it is quantized, and where it is counted.
enum class WeightRole : std::uint8_t {
  attention,
  dense_mlp,
  shared,  // experts that every token passes through; quantized like a dense MLP
  router,  // in the model's dtype, as are small matrices beside layers
  copy,    // in 16 bits, beside a quantized one that it is a copy of: MLA's absorbed projections
};

// A matrix product on this rank: tokens x k times k x n.
struct Product {
  double n = 0, k = 0;
  WeightRole role = WeightRole::attention;
  bool fresh_input = false;  // an element-wise kernel wrote its input, and a cast can be a part of that
  std::optional<Storage> stored{};  // unless like all of its role

  double elements() const { return n * k; }
  friend bool operator==(const Product&, const Product&) = default;
};
// A kernel that only moves bytes: a norm, an activation function, rotary embedding.
struct Elementwise {
  double bytes_per_token = 0;
  friend bool operator==(const Elementwise&, const Elementwise&) = default;
};
// Experts that a router chooses among, as grouped products.
struct RoutedExperts {
  MoeShape shape;
  int token_ranks = 1;  // data-parallel ranks whose tokens come here
  std::optional<Storage> stored{};
  friend bool operator==(const RoutedExperts&, const RoutedExperts&) = default;
};
// Tokens travel to the ranks of their experts and back, in place of an all-reduce.
struct Exchange {
  double hidden = 0;
  double per_token = 0;  // experts a token goes to
  int token_ranks = 1;
  friend bool operator==(const Exchange&, const Exchange&) = default;
};
// Between tensor-parallel ranks, beside the all-reduces that LayerPart counts: activations that are not as
// wide as the model. An all-gather unless `reduces`.
struct Collective {
  double elements = 0;  // a token's, together
  bool reduces = false;
  friend bool operator==(const Collective&, const Collective&) = default;
};

// Work that depends on the number of tokens alone.
struct Operation {
  std::string name;  // in `blis step`: layer_NAME_us
  std::variant<Product, Elementwise, RoutedExperts, Exchange, Collective> work;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// How far back a position looks.
struct Reach {
  enum class Kind : std::uint8_t {
    all,
    window,  // the last `tokens`, itself included
    chunk,   // from the last multiple of `tokens` on; priced like a window of that size
    top_k,   // at the `tokens` positions that an indexer picks, of all
  };
  Kind kind = Kind::all;
  std::int64_t tokens = 0;
  friend bool operator==(const Reach&, const Reach&) = default;
};

// Attention over what is cached. `shape` lacks the cache's bytes, which depend on its dtype.
struct AttentionCore {
  AttentionShape shape;
  Reach reach;
  double cached_elements = 0;        // that a token has in the cache on this rank
  std::optional<Product> expands{};  // once over the cached context of prefill chunks: MLA
  double pair_flops = 0;             // of one query with one key and value, over the whole model's heads
  double fixed_bytes = 0;            // of a token in the cache, too, whatever the cache's dtype
  std::string name{};                // in `blis step`; empty: by its reach
  friend bool operator==(const AttentionCore&, const AttentionCore&) = default;
};

// One kind of KV cache, as vLLM groups them.
struct LayerCache {
  double elements_per_token = 0;  // in one layer on one rank
  std::int64_t window = 0;        // tokens kept; 0: all
  double fixed_bytes = 0;         // of a token, too, whatever the cache's dtype
  int kernel_block = 16;          // tokens that blocks beside states are multiples of
  std::int64_t chunk = 0;         // tokens of the aligned chunk kept, where chunks are groups; 0: all
  // Where groups have blocks of their own sizes, whatever the engine's, packed into pieces of memory that are
  // equally large (DeepSeek-V4): tokens in one, and the bytes of its page. 0: otherwise.
  int own_block = 0;
  double own_page_bytes = 0;
  friend bool operator==(const LayerCache&, const LayerCache&) = default;
};

// What a layer keeps of each sequence in place of a cache that grows, or beside one, and the work on it.
struct LayerState {
  double bytes = 0;  // of one sequence on this rank: a decoding position reads and writes it, a chunk, too
  double flops_per_decode_token = 0;
  double flops_per_prefill_token = 0;  // in the chunked form in which prompts are computed
  double bytes_per_prefill_token = 0;  // between memory and that form's kernels
  int chunk = 0;  // tokens computed together in it, where states can be kept at every block; 0: they cannot
  friend bool operator==(const LayerState&, const LayerState&) = default;
};

// One half of a layer on one rank.
struct LayerPart {
  std::vector<Operation> operations;  // in the order in which they run
  std::vector<AttentionCore> cores{};
  std::vector<LayerCache> caches{};
  std::vector<Product>
      stored{};  // matrices that no operation multiplies with as they are stored: MLA's kv_up
  std::optional<LayerState> state{};
  double small_elements = 0;  // norms of heads, convolutions, decay rates: stored as the model is
  int reductions = 1;         // all-reduces between tensor-parallel ranks
  double live_elements = 0;   // a token, beside input, residual and output: for the peak of activations
  double rotary_width = 0;    // of a table of sines and cosines
};

// What a rank does of something that a model has beside its layers.
using PartOf = std::function<LayerPart(const Parallelism&)>;

// Immutable, and shared by the layers that are alike.
class LayerHalf {
 public:
  virtual ~LayerHalf() = default;
  virtual std::string_view kind() const = 0;              // its row in layer_kinds()
  virtual std::string_view prefix() const { return ""; }  // of its layers' operations in `blis step`
  // Throws InputError (usage) where vLLM would refuse to start, naming `model`.
  virtual void check(const Parallelism& parallel, const std::string& model) const = 0;
  virtual LayerPart part(const Parallelism& parallel) const = 0;
  // What it counts as where layers are counted by kind; two for attention beside a state.
  virtual std::vector<std::string_view> kinds() const { return {kind()}; }
  // For messages: "64 experts, 4 a token".
  virtual std::string says() const { return std::string(kind()); }
  // Experts that a token goes to, of all that there are.
  virtual double used_share() const { return 1; }
};
using Half = std::shared_ptr<const LayerHalf>;

// The same half with matrices that are not stored like all of their roles: those of an operation, by its
// name, or of LayerPart::stored.
constexpr std::string_view kStoredBeside = "kv_up";
struct StoredMatrix {
  std::string operation;
  Storage storage;
  friend bool operator==(const StoredMatrix&, const StoredMatrix&) = default;
};
Half stored_as(const Half& half, std::vector<StoredMatrix> matrices);

// Consecutive layers that are alike. Either half may be missing.
struct LayerRun {
  int count = 0;
  Half mixer, channel;
};

// A half, and how many layers have it.
struct LayersWith {
  Half half;
  int layers = 0;
};

class LayerList {
 public:
  // Layers that are alike are given the same halves, not equal ones.
  void add(const Half& mixer, const Half& channel, int count = 1);

  int count() const { return count_; }
  const std::vector<LayerRun>& runs() const { return runs_; }
  // `count` layers from `first` on.
  LayerList range(int first, int count) const;
  // Distinct halves in order of appearance, a layer's mixer first.
  std::vector<LayersWith> halves() const;
  // The first half of this kind, or null.
  const LayerHalf* find(std::string_view kind) const;
  bool has(std::string_view kind) const { return find(kind) != nullptr; }

 private:
  std::vector<LayerRun> runs_;
  int count_ = 0;
};

// Whether any layer keeps a state of fixed size.
bool has_states(const LayerList& layers);

// How far the layers look back, each once, other than over all of the context.
std::vector<Reach> limited_reaches(const LayerList& layers);
// The tokens of the longest of these, which StepShape::window_context is cut at; 0: there is none.
std::int64_t longest_reach(const LayerList& layers);
// Whether some read only what an indexer picks (sparse attention).
bool reads_picked(const LayerList& layers);

}  // namespace blis
