// Gemma 3n's residuals. AltUp: several streams, all predicted before a layer, which works on one, and all
// corrected after it. LAuReL: a path of low rank beside the residual. Source:
// vllm/model_executor/models/gemma3n.py; how its element-wise kernels fuse is a guess.
#include "roofline/kinds.h"
#include "roofline/kinds/shared.h"

namespace blis {
namespace {

class WithStreams final : public WrappedHalf {
 public:
  WithStreams(const Half& channel, const ResidualStreams& streams)
      : WrappedHalf(channel), streams_(streams) {}

  // Nothing of it is sharded.
  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(streams_.hidden), n = static_cast<double>(streams_.streams);
    // A small product over all streams and its sum with them, copied in another order before and after.
    const double predicted = read_and_write(n * d) + read_twice_and_write(n * d);
    const double corrected = read_twice_and_write(n * d);
    LayerPart all{.operations = {{"stream_router", Product{.n = n, .k = d, .role = WeightRole::router}},
                                 {"stream_norm", Elementwise{read_and_write(d)}},
                                 {"predict_streams", Elementwise{predicted}},
                                 {"active_norm", Elementwise{read_and_write(d)}},
                                 {"correct_streams", Elementwise{corrected}},
                                 {"add_to_streams", Elementwise{read_twice_and_write((n - 1) * d)}}},
                  .small_elements = 2 * d + n * n + n * n * n,
                  .reductions = 0,
                  .live_elements = 3 * (n - 1) * d};  // three times the streams beyond the first
    LayerPart part = inner().part(p);
    append(part, std::move(all));
    return part;
  }

 private:
  ResidualStreams streams_;
};

class WithLowRank final : public WrappedHalf {
 public:
  WithLowRank(const Half& mixer, std::int64_t hidden, int rank)
      : WrappedHalf(mixer), hidden_(hidden), rank_(rank) {}

  void check(const Parallelism& p, const std::string& model) const override {
    WrappedHalf::check(p, model);
    check_divided(rank_, "ranks of the residual path", p, model);
  }

  LayerPart part(const Parallelism& p) const override {
    const auto d = static_cast<double>(hidden_);
    const double rank = static_cast<double>(rank_) / p.tensor;
    LayerPart path{.operations = {{"laurel_down", Product{.n = rank, .k = d, .role = WeightRole::router}},
                                  {"laurel_up", Product{.n = d, .k = rank, .role = WeightRole::router}},
                                  {"laurel_norm", Elementwise{read_twice_and_write(d)}}},
                   .small_elements = d,
                   .reductions = 1,
                   .live_elements = d};
    LayerPart part = inner().part(p);
    append(part, std::move(path));
    return part;
  }

 private:
  std::int64_t hidden_;
  int rank_;
};

}  // namespace

Half with_streams(const Half& channel, const ResidualStreams& streams) {
  return std::make_shared<WithStreams>(channel, streams);
}
Half with_low_rank_residual(const Half& mixer, std::int64_t hidden, int rank) {
  return std::make_shared<WithLowRank>(mixer, hidden, rank);
}

// A product for each stream but the first, whose result every rank needs, scaled to the first one's size.
PartOf stream_projections(const ResidualStreams& streams) {
  return [streams](const Parallelism& p) {
    const auto d = static_cast<double>(streams.hidden);
    LayerPart part;
    for (int i = 1; i < streams.streams; ++i) {
      part.operations.push_back({"stream", Product{.n = d / p.tensor, .k = d, .role = WeightRole::router}});
      part.operations.push_back({"stream_gather", Collective{d}});
      part.operations.push_back({"stream_scale", Elementwise{read_twice_and_write(d)}});
    }
    return part;
  };
}

}  // namespace blis
