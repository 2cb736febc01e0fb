#include "scenarios/integer_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "scenarios/models/word_list.h"

namespace blis {
namespace {

// Groups of 4 or 8 bits, as `bits`, `group_size` and `sym` say where they are given, and else as in `usual`.
Storage read_grouped(const QuantizationReading& r, Section& s, Storage usual) {
  const std::string_view key = s.given("w_bit") ? "w_bit" : "bits";
  const auto bits = s.maybe_integer(key, kWeightBits);
  if (bits && *bits >= 16) return {};
  if (bits) usual.format = *bits == 8 ? WeightFormat::int8 : WeightFormat::int4;
  if (bits && *bits != 4 && *bits != 8) {
    r.findings.not_modelled.push_back(
        s.placed(key, {.message = fmt::format("{}-bit weights", *bits), .expected = "4 or 8"}));
  }
  if (s.given("group_size") || s.given("q_group_size")) usual.group_size = group_size(s);
  if (const auto symmetric = s.maybe_boolean("sym")) usual.zero_points = !*symmetric;
  if (usual.format != WeightFormat::int4 && s.node("sym")) r.findings.moot.push_back(s.path("sym"));
  return usual;
}

// What all methods that store groups of integers say of most matrices.
Quantization read_int4(const QuantizationReading& r, std::string method) {
  Quantization q{.method = std::move(method)};
  set_storage(q, read_grouped(r, r.s, {.format = WeightFormat::int4, .zero_points = false}));
  q.lm_head = r.s.maybe_boolean("lm_head").value_or(false);
  return q;
}

// GPTQ's `dynamic`: a regular expression for a module, marked `-:` if it is not quantized, and else with what
// it has of its own. The first that matches counts. Source: get_dynamic_override of vllm/model_executor/
// layers/quantization/utils/gptq_utils.py.
std::vector<StorageRule> read_dynamic(const QuantizationReading& r, const Storage& usual) {
  auto patterns = r.s.section("dynamic");
  if (!patterns || patterns->keys().empty()) return {};
  for (const char* const key : {"desc_act", "sym"}) {  // which the rules are exceptions from
    if (r.s.given(key)) continue;
    r.unmodelled("dynamic", fmt::format("a GPTQ checkpoint without `{}`, which vLLM does not load", key),
                 "desc_act and sym beside dynamic");
  }
  std::vector<StorageRule> rules;
  for (const std::string& name : patterns->keys()) {
    constexpr std::size_t kMark = 2;
    const bool excludes = name.starts_with("-:");
    const std::string pattern = excludes || name.starts_with("+:") ? name.substr(kMark) : name;
    auto own = patterns->section(name);
    Storage storage;
    if (own && !excludes) storage = read_grouped(r, *own, usual);
    rules.push_back({NameList({pattern}, NameMatch::expert_free), storage, "dynamic"});
  }
  return rules;
}

// The texts of lists within lists.
void add_texts(const Node& node, std::vector<std::string>& texts) {
  if (node.kind == Node::Kind::scalar) texts.push_back(node.text);
  for (const Node& child : node.children) add_texts(child, texts);
}

// AutoRound's blocks: a list, or text with commas.
std::vector<std::string> names_of_blocks(const QuantizationReading& r) {
  constexpr std::string_view kBlocks = "block_name_to_quantize", kSame = "to_quant_block_names";
  const std::string_view key = r.s.given(kBlocks) ? kBlocks : kSame;
  r.moot(kSame);
  const Node* const node = r.s.node(key);
  if (!node || node->kind != Node::Kind::scalar) return r.s.texts(key);
  const std::vector<std::string_view> names = words_of(node->text, ',');
  return {names.begin(), names.end()};
}

}  // namespace

int group_size(Section& s) {
  constexpr Range<std::int64_t> kGroup{-1, 1'000'000};  // -1: one scale a channel
  const std::string_view key = s.given("q_group_size") ? "q_group_size" : "group_size";
  const auto size = s.maybe_integer(key, kGroup).value_or(-1);
  if (size == 0) s.problem(key, {.message = "no weight has a scale", .expected = "-1, or 1 and more"});
  return size > 0 ? static_cast<int>(size) : 0;
}

void read_zero_points(const QuantizationReading& r, Section& s, std::string_view key, bool symmetric,
                      Quantization& q) {
  q.zero_points = s.maybe_boolean(key).value_or(true) != symmetric;
  if (q.format != WeightFormat::int4 && s.node(key)) r.findings.moot.push_back(s.path(key));
}

Quantization read_awq(const QuantizationReading& r) {
  Quantization q = read_int4(r, "awq");
  read_zero_points(r, r.s, "zero_point", /*symmetric=*/false, q);
  r.store(q, {r.kept("modules_to_not_convert", NameMatch::substring), storage_of(q, true)});
  return q;
}

Quantization read_gptq(const QuantizationReading& r) {
  Quantization q = read_int4(r, "gptq");
  const Storage usual = storage_of(q, true);
  StorageRules rules{read_dynamic(r, usual), usual};
  std::ranges::move(r.kept("modules_to_not_convert", NameMatch::around), std::back_inserter(rules.rules));
  constexpr std::string_view kModules = "modules_in_block_to_quantize";
  std::vector<std::string> names;
  if (const Node* const listed = r.s.node(kModules)) add_texts(*listed, names);
  if (!names.empty()) {
    rules.rules.push_back({NameList(names, NameMatch::substring), usual, std::string(kModules)});
    rules.otherwise = {};
  }
  const bool head = q.lm_head;
  r.store(q, std::move(rules));
  q.lm_head = head && q.lm_head;  // rules make exceptions, and no head quantized
  return q;
}

// AutoRound's, which vLLM calls `inc`: stored as GPTQ or AWQ store. Source: INCConfigParser of
// vllm/model_executor/layers/quantization/inc/config_parser.py.
Quantization read_auto_round(const QuantizationReading& r) {
  if (const std::string type = r.s.maybe_text("data_type").value_or("int"); type != "int")
    r.unmodelled("data_type", fmt::format("weights of the data type `{}`", type), "int");
  if (const auto bits = r.s.maybe_integer("act_bits", kWeightBits).value_or(16); bits != 16)
    r.unmodelled("act_bits", fmt::format("activations of {} bits", bits), "16");
  Quantization q = read_int4(r, "auto-round");
  const Storage usual = storage_of(q, true);
  StorageRules rules{{}, usual};
  if (auto modules = r.s.section("extra_config")) {
    for (const std::string& name : modules->keys()) {
      auto own = modules->section(name);
      if (!own) continue;
      const Storage storage = read_grouped(r, *own, usual);
      auto rule = std::ranges::find(rules.rules, storage, &StorageRule::storage);
      if (rule == rules.rules.end())
        rule = rules.rules.insert(rule, {NameList({}, NameMatch::ending), storage, "extra_config"});
      rule->names.add(name);
      for (const Unasked& other : own->unasked()) {  // which vLLM does not read
        if (own->node(other.node->key)) r.findings.moot.push_back(other.path);
      }
    }
  }
  std::ranges::move(r.kept("modules_to_not_convert", NameMatch::around), std::back_inserter(rules.rules));
  if (const std::vector<std::string> blocks = names_of_blocks(r); !blocks.empty()) {
    rules.rules.push_back({NameList(blocks, NameMatch::beginning), usual, "block_name_to_quantize"});
    rules.otherwise = {};
  }
  r.store(q, std::move(rules));
  return q;
}

}  // namespace blis
