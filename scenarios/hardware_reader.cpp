// hardware_config.json: the seed's keys, in both spellings that exist, and ours after their pattern.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "scenarios/catalog.h"
#include "scenarios/document_text.h"
#include "scenarios/gpu_support.h"
#include "scenarios/section.h"
#include "sim/letter_case.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

// The seed's document and its first implementation disagree on two names; an entry uses one of them.
double either_spelling(Section& entry, std::string_view key, std::string_view other) {
  if (entry.has(key) && entry.has(other)) {
    entry.problem(other, {.message = fmt::format("`{}` has both `{}` and `{}`", entry.path(""), key, other),
                          .expected = "one of the two, which mean the same",
                          .hint = fmt::format("remove `{}`", other)});
  }
  const bool use_other = !entry.has(key) && entry.has(other);
  entry.node(use_other ? key : other);  // either is a legal key
  return entry.number(use_other ? other : key, kPositive);
}

KernelConstants read_kernel_constants(Section s, std::string& source) {
  KernelConstants constants;
  source = s.text("source", "");
  for (const KernelConstantRow& row : kernel_constant_rows()) {
    if (auto group = s.section(row.group)) {
      row.at(constants) = group->number(row.key, {.low = row.min, .high = row.max}, row.at(constants));
    }
  }
  for (const KernelConstantRow& row : kernel_constant_rows()) {
    if (auto group = s.section(row.group)) group->finish();
  }
  s.finish();
  return constants;
}

Hardware read_entry(const std::string& name, Section s) {
  Hardware h;
  h.name = name;
  h.tflops_peak = either_spelling(s, "TFlopsPeak", "TFlopsEff");
  h.bw_peak_tbs = either_spelling(s, "BwPeakTBs", "BwEffTBs");
  // Of the seed's formula alone, which asks for them where it is chosen.
  const auto of_seed = [&](std::string_view key, Range<double> range) {
    return s.has(key) ? s.number(key, range) : std::numeric_limits<double>::quiet_NaN();
  };
  h.bw_eff_constant = of_seed("BwEffConstant", kPositiveShare);
  h.t_overhead_micros = of_seed("TOverheadMicros", kPositive);
  h.per_layer_overhead = of_seed("perLayerOverhead", kPositive);
  h.mfu_prefill = of_seed("mfuPrefill", kPositiveShare);
  h.mfu_decode = of_seed("mfuDecode", kPositiveShare);
  h.all_reduce_latency = of_seed("allReduceLatency", kPositive);

  // Ours; an entry that does not say leaves them 0.
  const auto figure = [&](std::string_view key) { return s.maybe_number(key, kPositive).value_or(0); };
  const auto count = [&](std::string_view key) {
    return static_cast<int>(s.maybe_integer(key, {1, 1'000'000}).value_or(0));
  };
  h.tflops_fp8 = figure("TFlopsFP8");
  h.tflops_fp4 = figure("TFlopsFP4");
  h.tflops_int8 = figure("TFlopsINT8");
  h.memory_gib = figure("MemoryGiB");
  h.num_sms = count("NumSMs");
  h.l2_mib = figure("L2MiB");
  h.nvlink_gbs = figure("NvlinkGBs");
  h.pcie_gbs = figure("PcieGBs");
  h.inter_node_gbs = figure("InterNodeGBs");
  h.gpus_per_node = count("GpusPerNode");
  h.watts = figure("Watts");
  h.compute_capability = figure("ComputeCapability");
  h.consumer_board = s.maybe_boolean("ConsumerBoard").value_or(false);
  h.measured_runs = count("MeasuredRuns");
  h.aliases = s.texts("aliases");
  h.source = s.text("source", "");
  if (auto calibrated = s.section("calibrated")) {
    h.calibrated = read_kernel_constants(std::move(*calibrated), h.calibrated_source);
  }
  s.finish();
  return h;
}

// GPUs whose names are near to some of the catalog's, and that are not in it; without what stands between
// their letters and numbers.
constexpr std::array<std::string_view, 14> kOtherGpus{"A16",     "A2",      "A30",     "B100",    "L2",
                                                      "L40",     "V100",    "GH200",   "RTX3060", "RTX3070",
                                                      "RTX3080", "RTX4060", "RTX4070", "RTX4080"};

// Whether the entry goes by the name, without reading all of it.
bool answers_to(const Node& entry, std::string_view gpu) {
  if (equal_but_for_case(entry.key, gpu)) return true;
  const Node* const aliases = entry.find("aliases");
  return aliases && std::ranges::any_of(aliases->children, [&](const Node& alias) {
           return equal_but_for_case(alias.text, gpu);
         });
}

// The key of the entry that goes by the name; empty if there is none. Throws InputError if there are two.
// `names` receives all keys and aliases, for messages.
std::string find_entry(DocumentReader& reader, Section& root, std::string_view gpu,
                       std::vector<std::string>& names) {
  std::string found;
  for (const std::string& key : root.keys()) {
    const Node* const entry = root.node(key);
    names.push_back(key);
    if (const Node* const aliases = entry->find("aliases")) {
      for (const Node& alias : aliases->children) names.push_back(alias.text);
    }
    if (!answers_to(*entry, gpu)) continue;
    if (!found.empty()) {
      root.problem(key, {.place = root.place(key),
                         .message = fmt::format("two GPUs answer to `{}`: `{}` and `{}`", gpu, found, key),
                         .expected = "a name or alias of one entry",
                         .got = std::string(gpu)});
      reader.check();
    }
    found = key;
  }
  return found;
}

[[noreturn]] void fail_unknown(std::string_view gpu, std::vector<std::string> names, const std::string& path,
                               const Place& place) {
  if (const std::string_view why = never_served(gpu); !why.empty()) {
    throw InputError(ErrorKind::not_modelled,
                     {.place = place,
                      .message = fmt::format("`{}` cannot be simulated: {}", gpu, why),
                      .expected = "a GPU of `blis list gpus`",
                      .got = std::string(gpu)});
  }
  // An A16 is no misspelt A10.
  std::string joined(gpu);
  std::erase_if(joined, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  const bool is_another = std::ranges::any_of(
      kOtherGpus, [&](std::string_view other) { return equal_but_for_case(other, joined); });
  if (is_another) names.clear();
  std::string hint = did_you_mean(gpu, names, 3);
  if (!hint.empty()) hint += '\n';
  throw InputError(ErrorKind::usage,
                   {.place = place,
                    .message = fmt::format("unknown GPU `{}`", gpu),
                    .expected = "a key or alias of hardware_config.json (see `blis list gpus`)",
                    .got = std::string(gpu),
                    .hint = hint + fmt::format("or add an entry with its data-sheet figures to {}, or name a "
                                               "file with such an entry: --gpu ./FILE.json",
                                               path)});
}

// What `use` makes of the first entry that goes by the name.
template <class Use>
auto with_entry(std::span<const std::string> paths, std::string_view gpu, const Place& place,
                const Use& use) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    DocumentReader reader(parse_json(read_file(path, "hardware catalog"), path), "hardware catalog");
    Section root = reader.root();
    if (const std::string found = find_entry(reader, root, gpu, names); !found.empty()) {
      return use(reader, root, found);
    }
  }
  fail_unknown(gpu, std::move(names), paths.empty() ? "hardware_config.json" : paths.front(), place);
}

}  // namespace

Hardware read_hardware(std::span<const std::string> paths, std::string_view gpu, const Place& place) {
  return with_entry(paths, gpu, place, [](DocumentReader& reader, Section& root, const std::string& key) {
    Hardware hardware;
    if (auto entry = root.required_section(key)) hardware = read_entry(key, std::move(*entry));
    reader.check();
    return hardware;
  });
}

Hardware read_hardware(const std::string& path, std::string_view gpu, const Place& place) {
  return read_hardware(std::span(&path, 1), gpu, place);
}

std::string hardware_entry(std::span<const std::string> paths, std::string_view gpu, const Place& place) {
  return with_entry(paths, gpu, place, [](DocumentReader&, Section& root, const std::string& key) {
    return key + " " + json_text(*root.node(key));
  });
}

Hardware read_gpu_entry(std::string_view text, const std::string& name, const std::string& unnamed) {
  DocumentReader reader(parse_json(text, name), "GPU");
  Section root = reader.root();
  Hardware hardware;
  const bool bare =
      root.has("TFlopsPeak") || root.has("TFlopsEff") || root.has("BwPeakTBs") || root.has("BwEffTBs");
  const std::vector<std::string> keys = root.keys();
  if (bare) {
    hardware = read_entry(unnamed, root);
  } else if (keys.size() != 1) {
    throw InputError(
        ErrorKind::usage,
        {.place = {name},
         .message = fmt::format("{} entries where one GPU is meant", keys.size()),
         .expected = "one entry as hardware_config.json has them: {\"NAME\": {\"TFlopsPeak\": ..., "
                     "\"BwPeakTBs\": ..., \"MemoryGiB\": ...}}",
         .got = keys.empty() ? "none" : fmt::format("{}", fmt::join(keys, ", ")),
         .hint = keys.empty() ? "" : "--data-dir FOLDER lays a whole catalog over the shipped one"});
  } else if (auto entry = root.required_section(keys.front())) {
    hardware = read_entry(keys.front(), std::move(*entry));
  }
  reader.check();
  return hardware;
}

std::vector<Hardware> read_all_hardware(const std::string& path) {
  DocumentReader reader(parse_json(read_file(path, "hardware catalog"), path), "hardware catalog");
  Section root = reader.root();
  std::vector<Hardware> all;
  for (const std::string& key : root.keys()) {
    if (auto entry = root.required_section(key)) all.push_back(read_entry(key, std::move(*entry)));
  }
  reader.check();
  return all;
}

}  // namespace blis
