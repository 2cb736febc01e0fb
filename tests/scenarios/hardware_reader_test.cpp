#include <gtest/gtest.h>

#include <map>
#include <set>

#include "problems.h"
#include "scenarios/catalog.h"
#include "temp_folder.h"

namespace blis {
namespace {

// The seed document's own example, with the values its first implementation shipped.
constexpr const char* kSeedEntry = R"({
  "H100": {
		"TFlopsEff":        989.5,
		"BwEffTBs":         3.35,
        "BwEffConstant":    0.72,
		"TOverheadMicros":  500.0,
		"perLayerOverhead": 20.0,
		"mfuPrefill":       0.65,
		"mfuDecode":        0.12,
		"allReduceLatency": 20.0
	}
})";

// The seed's keys in their other spelling, with one of them changed: `"mfuDecode": 0` for {"mfuDecode", "0"};
// an empty value leaves the key out.
std::string entry_with(const std::string& key, const std::string& value) {
  std::map<std::string, std::string> figures{{"TFlopsPeak", "989.5"},    {"BwPeakTBs", "3.35"},
                                             {"BwEffConstant", "0.72"},  {"TOverheadMicros", "500"},
                                             {"perLayerOverhead", "20"}, {"mfuPrefill", "0.65"},
                                             {"mfuDecode", "0.12"},      {"allReduceLatency", "20"}};
  if (value.empty()) {
    figures.erase(key);
  } else {
    figures[key] = value;
  }
  std::string text = "{\"X\": {";
  for (const auto& [name, figure] : figures)
    text += (text.back() == '{' ? "" : ", ") + ("\"" + name + "\": " + figure);
  return text + "}}";
}

Hardware read(const std::string& text, std::string_view gpu) {
  const TempFolder folder;
  return read_hardware(folder.write("hardware_config.json", text), gpu, {"chat.yaml", 3, 8});
}

TEST(HardwareReader, TheSeedsExampleLoadsAsItStands) {
  const Hardware h = read(kSeedEntry, "H100");
  EXPECT_EQ(h.name, "H100");
  EXPECT_EQ(h.tflops_peak, 989.5);
  EXPECT_EQ(h.bw_peak_tbs, 3.35);
  EXPECT_EQ(h.bw_eff_constant, 0.72);
  EXPECT_EQ(h.t_overhead_micros, 500);
  EXPECT_EQ(h.per_layer_overhead, 20);
  EXPECT_EQ(h.mfu_prefill, 0.65);
  EXPECT_EQ(h.mfu_decode, 0.12);
  EXPECT_EQ(h.all_reduce_latency, 20);
  EXPECT_EQ(h.memory_gib, 0) << "the seed does not say";
}

TEST(HardwareReader, BothSpellingsOfAPeakMeanTheSame) {
  const Hardware a = read(kSeedEntry, "H100"), b = read(entry_with("mfuDecode", "0.12"), "X");
  EXPECT_EQ(a.tflops_peak, b.tflops_peak);
  EXPECT_EQ(a.bw_peak_tbs, b.bw_peak_tbs);
}

TEST(HardwareReader, BothSpellingsInOneEntryAreOneTooMany) {
  const Said said = said_by([] { read(entry_with("TFlopsEff", "989.5"), "X"); });
  ASSERT_EQ(said.heads.size(), 1u) << said.all;
  EXPECT_NE(said.heads[0].find("has both `TFlopsPeak` and `TFlopsEff`"), std::string::npos) << said.heads[0];
}

TEST(HardwareReader, PeaksMustBeThereAndWhatTheSeedsFormulaAloneNeedsMayBeAbsent) {
  for (const std::string key : {"TFlopsPeak", "BwPeakTBs"}) {
    const Said missing = said_by([&] { read(entry_with(key, ""), "X"); });
    ASSERT_EQ(missing.heads.size(), 1u) << missing.all;
    EXPECT_NE(missing.heads[0].find("hardware_config.json:1:2: missing key `X." + key + "`"),
              std::string::npos)
        << missing.all;
    EXPECT_EQ(missing.kind, ErrorKind::usage);
  }
  for (const std::string key : {"BwEffConstant", "TOverheadMicros", "perLayerOverhead", "mfuPrefill",
                                "mfuDecode", "allReduceLatency"}) {
    EXPECT_NO_THROW(read(entry_with(key, ""), "X")) << key;
  }
}

TEST(HardwareReader, EverySeedKeyThatIsThereMustBePositive) {
  for (const std::string key : {"TFlopsPeak", "BwPeakTBs", "BwEffConstant", "TOverheadMicros",
                                "perLayerOverhead", "mfuPrefill", "mfuDecode", "allReduceLatency"}) {
    for (const char* const value : {"0", "-1", "NaN", "Infinity", "1e999", "\"1\"", "null", "010"}) {
      const Said wrong = said_by([&] { read(entry_with(key, value), "X"); });
      ASSERT_EQ(wrong.heads.size(), 1u) << key << " " << value << wrong.all;
      EXPECT_NE(wrong.heads[0].find("`X." + key + "` has a wrong value"), std::string::npos) << wrong.all;
      EXPECT_NE(wrong.heads[0].find(".json:1:"), std::string::npos) << wrong.all;
    }
  }
}

TEST(HardwareReader, SharesOfAPeakDoNotPassOne) {
  for (const std::string key : {"BwEffConstant", "mfuPrefill", "mfuDecode"}) {
    EXPECT_NE(said_by([&] { read(entry_with(key, "1.01"), "X"); }).all.find("above 0 and up to 1"),
              std::string::npos);
    EXPECT_NO_THROW(read(entry_with(key, "1"), "X"));
  }
}

TEST(HardwareReader, AMisspeltKeyIsNamed) {
  EXPECT_NE(said_by([] { read(entry_with("MemoryGB", "80"), "X"); }).all.find("did you mean `MemoryGiB`?"),
            std::string::npos);
}

TEST(HardwareReader, OtherEntriesAreNotItsBusiness) {
  const std::string text = entry_with("mfuDecode", "0.12");
  EXPECT_NO_THROW(read(text.substr(0, text.size() - 1) + ", \"broken\": {\"TFlopsPeak\": -1}}", "x"));
}

TEST(HardwareReader, AnUnknownGpuGetsTheNearestNamesAtThePlaceThatNamedIt) {
  const TempFolder folder;
  const std::string path = folder.write("hardware_config.json", kSeedEntry);
  const Said said = said_by([&] { read_hardware(path, "H10", {"chat.yaml", 3, 8}); });
  EXPECT_EQ(said.all,
            "chat.yaml:3:8: unknown GPU `H10`\n"
            "  expected: a key or alias of hardware_config.json (see `blis list gpus`)\n"
            "  got:      H10\n"
            "  hint:     did you mean `H100`?\n"
            "            or add an entry with its data-sheet figures to " +
                path + ", or name a file with such an entry: --gpu ./FILE.json");
  EXPECT_EQ(said.kind, ErrorKind::usage);
}

TEST(HardwareReader, ANameThatTwoEntriesClaimIsRefused) {
  const Said said = said_by([] { read(R"({"A": {"aliases": ["G"]}, "B": {"aliases": ["g"]}})", "G"); });
  EXPECT_NE(said.heads.at(0).find("two GPUs answer to `G`: `A` and `B`"), std::string::npos) << said.all;
}

std::string shipped() {
  return std::string(BLIS_SOURCE_DIR) + "/hardware_config.json";
}

TEST(ShippedHardware, EveryEntryIsCompleteAndCitesItsSource) {
  const std::vector<Hardware> all = read_all_hardware(shipped());
  EXPECT_GE(all.size(), 30u);
  for (const Hardware& h : all) {
    EXPECT_GT(h.memory_gib, 0) << h.name;
    EXPECT_GT(h.num_sms, 0) << h.name;
    EXPECT_FALSE(h.source.empty()) << h.name;
    if (h.tflops_fp8 > 0) {
      EXPECT_NEAR(h.tflops_fp8 / h.tflops_peak, 2, 0.1) << h.name << ": a sparse peak?";
    }
  }
}

TEST(ShippedHardware, NamesAndAliasesAreUniqueWhateverTheirCase) {
  std::set<std::string> seen;
  for (const Hardware& h : read_all_hardware(shipped())) {
    std::set<std::string> names{h.name};
    names.insert(h.aliases.begin(), h.aliases.end());
    std::set<std::string> own;  // an alias may repeat its own entry's name in another case
    for (std::string name : names) {
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      own.insert(name);
    }
    for (const std::string& name : own) EXPECT_TRUE(seen.insert(name).second) << name;
  }
}

TEST(ShippedHardware, GpusAnswerToTheirAliases) {
  for (const auto& [alias, name] : std::map<std::string, std::string>{{"H100", "H100-SXM"},
                                                                      {"h100-sxm", "H100-SXM"},
                                                                      {"A100", "A100-SXM"},
                                                                      {"H200", "H200-SXM"},
                                                                      {"B200", "B200"}}) {
    EXPECT_EQ(read_hardware(shipped(), alias).name, name) << alias;
  }
}

TEST(HardwareReader, AnotherGpuIsNoMisspelling) {
  for (const char* const other : {"A16", "a30", "L40", "B100", "GH200", "RTX 4060"}) {
    const Said said = said_by([&] { read_hardware(BLIS_SOURCE_DIR "/hardware_config.json", other); });
    EXPECT_EQ(said.all.find("did you mean"), std::string::npos) << said.all;
  }
  EXPECT_NE(
      said_by([] { read_hardware(BLIS_SOURCE_DIR "/hardware_config.json", "H10"); }).all.find("did you mean"),
      std::string::npos);
}

}  // namespace
}  // namespace blis
