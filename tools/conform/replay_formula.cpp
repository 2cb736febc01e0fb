#include <map>

#include "tools/conform/replay_parts.h"

namespace blis::conform {
namespace {

constexpr Bounds kAny{-(std::int64_t{1} << 60), std::int64_t{1} << 60};

std::optional<int> optional_count(VectorFields& args, const char* key) {
  if (args.is_null(key)) args.ignore({key});
  if (!args.has(key) || args.is_null(key)) return std::nullopt;
  return args.count(key, kCount);
}

// A token's value, or null.
constexpr std::int64_t kNoToken = kAny.min - 1;
std::optional<std::int64_t> optional_token(VectorFields& args, const char* key) {
  if (!args.is_null(key)) return args.integer(key, kAny);
  args.ignore({key});
  return std::nullopt;
}

std::vector<int> counts(VectorFields& args, const char* key) {
  const std::vector<std::int64_t> values = args.integers(key);
  return {values.begin(), values.end()};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json capture_sizes(VectorFields& a, const Formulas& f) {
  CaptureSizesArgs args{.max_num_seqs = a.count("max_num_seqs", kPositive),
                        .max_num_batched_tokens = a.count("max_num_batched_tokens", kPositive),
                        .decode_query_len = a.count("decode_query_len", kPositive, 1),
                        .max_size = optional_count(a, "max_size")};
  return f.capture_sizes(args);
}

Json pad_to_graph(VectorFields& a, const Formulas& f) {
  return or_null(f.pad_to_graph(a.count("n", kCount), counts(a, "sizes")));
}

Json page_bytes(VectorFields& a, const Formulas& f) {
  if (a.is_null("mla")) a.ignore({"mla"});
  PageBytesArgs args{.block_size = a.count("block_size", kPositive),
                     .kv_heads = a.count("kv_heads", kCount),
                     .tp = a.count("tp", kPositive),
                     .head_size = a.count("head_size", kPositive),
                     .dtype_bytes = a.number("dtype_bytes"),
                     .mla = !a.is_null("mla") && a.boolean("mla", false),
                     .head_size_v = optional_count(a, "head_size_v")};
  return f.page_bytes(args);
}

Json num_gpu_blocks(VectorFields& a, const Formulas& f) {
  return f.num_gpu_blocks(a.number("avail"), a.number("page"), a.count("layers", kPositive));
}

Json swa_hit(VectorFields& a, const Formulas& f) {
  std::vector<bool> cached;
  for (const Json& block : a.array("cached")) {
    const bool is_switch = block.is_boolean() || block == 0 || block == 1;
    if (!is_switch) a.problem("cached", "is not a list of booleans", "booleans", block.dump());
    cached.push_back(block == true || block == 1);
  }
  return f.swa_hit(cached, a.count("window", kPositive), a.count("bs", kPositive));
}

Json swa_skipped_blocks(VectorFields& a, const Formulas& f) {
  return f.swa_skipped_blocks(a.count("computed", kCount), a.count("window", kPositive),
                              a.count("bs", kPositive));
}

Json stop_reason(VectorFields& a, const Formulas& f) {
  StopArgs args{.n_out = a.integer("n_out", kCount),
                .num_tokens = a.integer("num_tokens", kCount),
                .last = optional_token(a, "last").value_or(kNoToken),
                .max_tokens = a.integer("max_tokens", kAny),
                .max_model_len = a.integer("max_model_len", kAny),
                .min_tokens = a.integer("min_tokens", kCount, 0),
                .eos = std::nullopt,
                .stops = {},
                .ignore_eos = a.boolean("ignore_eos", false)};
  if (a.has("eos")) args.eos = optional_token(a, "eos");
  if (a.has("stops")) args.stops = a.integers("stops");
  return or_null(f.stop_reason(args));
}

using Replay = Json (*)(VectorFields&, const Formulas&);
const std::map<std::string_view, Replay>& replays() {
  static const std::map<std::string_view, Replay> table{{"capture_sizes", capture_sizes},
                                                        {"pad_to_graph", pad_to_graph},
                                                        {"page_bytes", page_bytes},
                                                        {"num_gpu_blocks", num_gpu_blocks},
                                                        {"swa_hit", swa_hit},
                                                        {"swa_skipped_blocks", swa_skipped_blocks},
                                                        {"stop_reason", stop_reason}};
  return table;
}

}  // namespace

void replay_formula(const FormulaVector& formula, const Formulas& formulas) {
  const auto found = replays().find(formula.function);
  if (found == replays().end()) throw Difference("unknown formula `" + formula.function + "`");
  for (std::size_t i = 0; i < formula.cases.size(); ++i) {
    const std::string where = formula.function + "[" + std::to_string(i) + "]";
    std::vector<Problem> problems;
    VectorFields args(formula.cases[i].args, "", where, problems);
    const Json got = problems.empty() ? found->second(args, formulas) : Json();
    args.finish();
    if (!problems.empty()) throw Difference(problems.front().message);
    check(where, formula.cases[i].expect, got);
  }
}

}  // namespace blis::conform
