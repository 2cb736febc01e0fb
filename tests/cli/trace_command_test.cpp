// blis trace: inspect, convert, synth and fit, run as a user would.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run_blis.h"
#include "tests/scenarios/temp_folder.h"

namespace blis {
namespace {

using Json = nlohmann::json;

const std::string kTraces = BLIS_SOURCE_DIR "/scenarios/traces/";

std::size_t column_count(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

TEST(TraceInspect, FitsEightyColumnsAndSaysWhatMatters) {
  const Finished finished = run_blis({"trace", "inspect", kTraces + "shared-prompts.jsonl"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  std::istringstream lines(finished.out);
  std::string first;
  std::getline(lines, first);
  EXPECT_NE(first.find("300 requests, format mooncake"), std::string::npos);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(column_count(line), 80U) << line;
  for (const char* const part :
       {"Arrivals", "CV", "p99", "correlation", "Prefix reuse", "an infinite cache", "LRU"}) {
    EXPECT_NE(finished.out.find(part), std::string::npos) << part;
  }
}

TEST(TraceInspect, UsesNoUnicodeWhereTheLocaleHasNone) {
  const Finished finished = run_blis({"trace", "inspect", kTraces + "chat.csv"}, "", "LC_ALL=C");
  EXPECT_TRUE(std::ranges::all_of(finished.out, [](char c) { return static_cast<unsigned char>(c) < 128; }));
  EXPECT_NE(finished.out.find("####"), std::string::npos);
}

TEST(TraceInspect, PrintsOneJsonDocumentWithEveryFigure) {
  const Finished finished = run_blis({"trace", "inspect", kTraces + "shared-prompts.jsonl", "--output-format",
                                      "json", "--cache-tokens", "5000", "--cache-tokens", "500000"});
  const Json json = Json::parse(finished.out);
  EXPECT_EQ(json["requests"], 300);
  for (const char* const part : {"input_tokens", "output_tokens"}) {
    for (const char* const figure : {"mean", "stddev", "min", "p50", "p90", "p99", "max"}) {
      EXPECT_TRUE(json[part][figure].is_number()) << part << figure;
    }
    std::int64_t counted = 0;
    for (const Json& bin : json[part]["histogram"]) counted += bin[2].get<std::int64_t>();
    EXPECT_EQ(counted, 300);
  }
  EXPECT_GT(json["arrival"]["request_rate"], 0.5);
  std::int64_t arrived = 0;
  for (const Json& count : json["arrival"]["window_counts"]) arrived += count.get<std::int64_t>();
  EXPECT_EQ(arrived, 300);
  const Json& reuse = json["prefix_reuse"];
  EXPECT_GT(reuse["infinite_cache"], 0.1);
  EXPECT_EQ(reuse["finite_cache"][0]["tokens"], 5000);
  EXPECT_LT(reuse["finite_cache"][0]["hit_share"], reuse["finite_cache"][1]["hit_share"]);
  EXPECT_LE(reuse["finite_cache"][1]["hit_share"], reuse["infinite_cache"]);
}

TEST(TraceInspect, ReadsOnlyTheSliceAskedFor) {
  const Finished finished = run_blis({"trace", "inspect", kTraces + "chat.csv", "--start-s", "10", "--end-s",
                                      "20", "--time-scale", "2", "--output-format", "json"});
  const Json json = Json::parse(finished.out);
  EXPECT_LT(json["requests"], 150);
  EXPECT_GT(json["arrival"]["request_rate"], 10);
  EXPECT_LE(json["arrival"]["span_s"], 5);
}

// Lengths and arrivals of a trace in `csv`, the plainest format.
std::string as_csv(const std::string& path) {
  const Finished finished = run_blis({"trace", "convert", path, "--to", "csv", "-q"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  return finished.out;
}

struct Conversion {
  const char* to;
  const char* file;
  bool keeps_prefixes;
};
class TraceConvert : public testing::TestWithParam<Conversion> {};

TEST_P(TraceConvert, ThereAndBackKeepsEveryRequest) {
  const TempFolder folder;
  const std::string there = folder.path(GetParam().file);
  const std::string original = kTraces + "shared-prompts.timed.jsonl";
  // Mooncake's clock counts milliseconds, Azure's tenths of microseconds: a trace that fits both.
  const std::string coarse = folder.path("coarse.jsonl");
  ASSERT_EQ(run_blis({"trace", "convert", original, "--to", "mooncake", "-o", coarse}).status, 0);
  const Finished finished = run_blis({"trace", "convert", coarse, "--to", GetParam().to, "-o", there});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.err.find("60 requests"), std::string::npos) << finished.err;
  EXPECT_EQ(as_csv(there), as_csv(coarse));
  EXPECT_EQ(finished.err.find("every prompt is its own") == std::string::npos, GetParam().keeps_prefixes);
  if (GetParam().keeps_prefixes) {
    EXPECT_EQ(run_blis({"trace", "convert", there, "--to", "mooncake"}).out, contents(coarse));
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, TraceConvert,
                         testing::Values(Conversion{"timed", "t.jsonl", true},
                                         Conversion{"timed", "t.jsonl.gz", true},
                                         Conversion{"mooncake", "m.jsonl.zst", true},
                                         Conversion{"csv", "c.csv", false},
                                         Conversion{"azure", "a.csv", false}));

TEST(TraceConvert, NamesTheFormatsWhenNoneIsGiven) {
  const Finished finished = run_blis({"trace", "convert", kTraces + "chat.csv"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("--to azure|mooncake|timed|csv"), std::string::npos) << finished.err;
}

TEST(TraceConvert, GivesATraceWithoutTimesArrivals) {
  const Finished without = run_blis(
      {"trace", "convert", BLIS_SOURCE_DIR "/tests/workloads/fixtures/sharegpt.json", "--to", "csv"});
  EXPECT_EQ(without.status, 4);
  EXPECT_NE(without.err.find("--request-rate"), std::string::npos) << without.err;
  const Finished with =
      run_blis({"trace", "convert", BLIS_SOURCE_DIR "/tests/workloads/fixtures/sharegpt.json", "--to", "csv",
                "--request-rate", "4"});
  EXPECT_EQ(with.status, 0) << with.err;
}

TEST(TraceSynth, TheShippedTracesAreWhatTheirRecipesWrite) {
  // The commands of scenarios/traces/README.md.
  const std::string readme = contents(kTraces + "README.md");
  int commands = 0;
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("blis trace synth ")) continue;
    std::istringstream words(line.substr(5));
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    ASSERT_GE(arguments.size(), 2U);
    const std::string file = arguments.back();
    arguments.resize(arguments.size() - 2);  // -o FILE
    arguments[2] = kTraces + arguments[2];
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_TRUE(finished.out == contents(kTraces + file)) << file << " is not what its recipe writes";
    ++commands;
  }
  EXPECT_EQ(commands, 5);
}

TEST(TraceSynth, NeedsNoModelAndHeedsFlags) {
  const TempFolder folder;
  const std::string workload = folder.write("w.yaml", R"(version: 1
workload:
  kind: synthetic
  num_requests: 10
  arrival: { process: poisson, request_rate: 20 }
  input_tokens: { distribution: uniform, min: 1, max: 1000 }
  output_tokens: { distribution: constant, value: 10 }
)");
  const auto synth = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"trace", "synth", workload, "--to", "csv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.out;
  };
  const auto rows = [](const std::string& text) { return std::ranges::count(text, '\n') - 1; };
  EXPECT_EQ(rows(synth({})), 10);
  EXPECT_EQ(rows(synth({"--num-prompts", "25"})), 25);
  EXPECT_EQ(synth({"--seed", "3"}), synth({"--seed", "3"}));
  EXPECT_NE(synth({"--seed", "3"}), synth({"--seed", "4"}));
  const Finished without_model = run_blis({"run", workload});
  EXPECT_EQ(without_model.status, 2) << "a simulation needs a model all the same";
}

TEST(TraceSynth, OfATraceTheFlagsMeanWhatTheyMeanInAReplay) {
  const auto csv = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--to", "csv", "-q", "--num-prompts", "20", "--request-rate", "5",
                                       "--burstiness", "0.5"});
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.out;
  };
  const std::string converted = csv({"trace", "convert", kTraces + "chat.csv"});
  EXPECT_EQ(std::ranges::count(converted, '\n'), 21);
  EXPECT_EQ(csv({"trace", "synth", BLIS_SOURCE_DIR "/scenarios/chat.yaml"}), converted);
}

TEST(TraceSynth, RefusesTrafficThatDependsOnAnswers) {
  const Finished finished =
      run_blis({"trace", "synth", BLIS_SOURCE_DIR "/scenarios/conversations.yaml", "--to", "csv"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("depends on when requests end"), std::string::npos) << finished.err;
}

TEST(TraceFit, WritesAWorkloadThatSynthAndRunTake) {
  const TempFolder folder;
  const std::string fitted = folder.path("fitted.yaml");
  const Finished fit = run_blis({"trace", "fit", kTraces + "code.csv", "-o", fitted});
  ASSERT_EQ(fit.status, 0) << fit.err;
  const std::string yaml = contents(fitted);
  for (const char* const part :
       {"arrivals: ", "lengths and prompts: ", "latencies on llama-3.1-8b-instruct on 1x H100-SXM"}) {
    EXPECT_NE(fit.err.find(part), std::string::npos) << fit.err;
    EXPECT_NE(yaml.find(part), std::string::npos) << yaml;
  }
  const std::string copy = folder.path("copy.csv");
  ASSERT_EQ(run_blis({"trace", "synth", fitted, "--to", "azure", "-o", copy}).status, 0);
  const auto inspect = [](const std::string& path) {
    return Json::parse(run_blis({"trace", "inspect", path, "--output-format", "json"}).out);
  };
  const Json original = inspect(kTraces + "code.csv");
  const Json made = inspect(copy);
  EXPECT_EQ(made["requests"], original["requests"]);
  EXPECT_NEAR(
      made["arrival"]["request_rate"].get<double>() / original["arrival"]["request_rate"].get<double>(), 1,
      0.3);
  EXPECT_NEAR(made["input_tokens"]["mean"].get<double>() / original["input_tokens"]["mean"].get<double>(), 1,
              0.2);
  const Finished elsewhere = run_blis({"trace", "fit", kTraces + "code.csv", "--gpu", "A100", "-tp", "2"});
  EXPECT_NE(elsewhere.out.find("TP2 on 2x A100"), std::string::npos) << elsewhere.out;
  const Finished run = run_blis({"run", fitted, "--model", "llama-3.1-8b-instruct", "--gpu", "H100"});
  EXPECT_EQ(run.status, 0) << run.err;
}

TEST(TraceFit, OfATraceWithoutTimesTakesTheArrivalsThatAreAskedFor) {
  const TempFolder folder;
  std::string rows;
  for (int i = 0; i < 50; ++i)
    rows += R"({"input_tokens": 100, "output_tokens": 20})"
            "\n";
  const std::string trace = folder.write("lengths.jsonl", rows);
  const Finished bare = run_blis({"trace", "fit", trace, "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_NE(bare.status, 0);
  EXPECT_NE(bare.err.find("--request-rate"), std::string::npos) << bare.err;
  const Finished fitted = run_blis({"trace", "fit", trace, "--request-rate", "5", "-o",
                                    folder.path("fit.yaml"), "--data-dir", BLIS_SOURCE_DIR});
  EXPECT_EQ(fitted.status, 0) << fitted.err;
  EXPECT_NE(contents(folder.path("fit.yaml")).find("request_rate: 5"), std::string::npos)
      << contents(folder.path("fit.yaml"));
  EXPECT_EQ(run_blis({"run", folder.path("fit.yaml"), "--model", "llama-3.1-8b-instruct", "--gpu", "H100",
                      "-q", "--data-dir", BLIS_SOURCE_DIR})
                .status,
            0);
}

TEST(TraceInspect, OfRequestsThatServeGenMadeSaysHowToReadThem) {
  const TempFolder folder;
  const std::string trace = folder.write(
      "made.jsonl", R"({"request_id": 0, "timestamp": 0.5, "data": {"input_tokens": 10, "output_tokens": 5}})"
                    "\n"
                    R"({"request_id": 1, "timestamp": 2.5, "data": {"input_tokens": 12, "output_tokens": 6}})"
                    "\n");
  const std::string columns = "arrival=timestamp,input=data.input_tokens,output=data.output_tokens";
  const Finished bare = run_blis({"trace", "inspect", trace});
  EXPECT_NE(bare.err.find("--columns " + columns), std::string::npos) << bare.err;
  const Finished read = run_blis({"trace", "inspect", trace, "--columns", columns + ",unit=s"});
  EXPECT_EQ(read.status, 0) << read.err;
  EXPECT_NE(read.out.find("2 requests, format jsonl"), std::string::npos) << read.out;
}

TEST(TraceFit, ParametricLengthsNeedNoTrace) {
  const Finished fit = run_blis({"trace", "fit", "-", "--parametric"}, "<" + kTraces + "chat.csv");
  EXPECT_EQ(fit.status, 0) << fit.err;
  EXPECT_EQ(fit.out.find("lengths_path"), std::string::npos);
  EXPECT_NE(fit.out.find("distribution: lognormal"), std::string::npos) << fit.out;
  const Finished joint = run_blis({"trace", "fit", "-"}, "<" + kTraces + "chat.csv");
  EXPECT_EQ(joint.status, 2);
  EXPECT_NE(joint.err.find("--parametric"), std::string::npos);
}

// What a user may hand to any of the commands, and what they must be told.
struct BadTrace {
  const char* name;
  std::string content;
  std::string message;
};
class BadTraces : public testing::TestWithParam<BadTrace> {};

TEST_P(BadTraces, GetOneMessageWithItsPlace) {
  const TempFolder folder;
  const std::string path = folder.write("trace", GetParam().content);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"trace", "inspect", path},
                                                  {"trace", "convert", path, "--to", "csv"},
                                                  {"trace", "fit", path}}) {
    const Finished finished = run_blis(command);
    EXPECT_EQ(finished.status, 4) << command[1] << finished.err;
    EXPECT_TRUE(finished.err.starts_with("error: " + path)) << finished.err;
    EXPECT_NE(finished.err.find(GetParam().message), std::string::npos) << command[1] << finished.err;
    EXPECT_EQ(finished.err.find("error: ", 1), std::string::npos) << "one message: " << finished.err;
  }
}
const std::string kHeader = "arrival_s,input_tokens,output_tokens\n0,1,1\n";
INSTANTIATE_TEST_SUITE_P(
    Table, BadTraces,
    testing::Values(
        BadTrace{"ANumberWithAUnit", kHeader + "1,512tok,10\n", ":3:3: bad `input_tokens`"},
        BadTrace{"ATimeWithAUnit", kHeader + "1.5s,512,10\n", ":3:1: this is no time"},
        BadTrace{"ABillionTokens", kHeader + "1,1000000000,10\n", ":3:3: bad `input_tokens`"},
        BadTrace{"ANegativeTime", kHeader + "-1,5,10\n", ":3:1: this is no time"},
        BadTrace{"ARowTooWide", kHeader + "1,5,10" + std::string(2'000'000, ',') + "\n",
                 ":3: this row has the wrong number of fields"},
        BadTrace{"HashIdsThatContradict",
                 "{\"timestamp\": 0, \"input_length\": 1024, \"output_length\": 5, \"hash_ids\": [1]}\n",
                 ":1:60: `hash_ids` and `input_length` contradict"},
        BadTrace{"ALineCutShort", "{\"timestamp\": 0, \"input_length\": 10, \"output_length\"",
                 "the end of the line"},
        BadTrace{"AnEmptyFile", "", "the file is empty"},
        BadTrace{"AHeaderAlone", "arrival_s,input_tokens,output_tokens\n", "there are no requests"},
        BadTrace{"Noise", std::string("\x01\x7f\xfe\x00garbage\n", 12), "none of the trace formats we know"},
        BadTrace{"ATruncatedGzip", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", 11),
                 "this gzip file is cut short"}),
    [](const auto& info) { return info.param.name; });

TEST(TraceCommands, SayWhatIsWrongWithTheirFiles) {
  const TempFolder folder;
  const std::string chat = kTraces + "chat.csv";
  const auto err = [](const std::vector<std::string>& arguments, const std::string& tail = "") {
    const Finished finished = run_blis(arguments, tail);
    EXPECT_EQ(finished.status, 4) << finished.err;
    return finished.err;
  };
  EXPECT_NE(err({"trace", "inspect", folder.path()}).find("is a directory"), std::string::npos);
  EXPECT_NE(err({"trace", "inspect", folder.path("no.csv")}).find("No such file"), std::string::npos);
  EXPECT_NE(err({"trace", "inspect", "-"}, "<&-").find("standard input"), std::string::npos);
  const std::vector<std::string> to_csv{"trace", "convert", chat, "--to", "csv", "-o"};
  const auto to = [&](const std::string& path) {
    std::vector<std::string> arguments = to_csv;
    arguments.push_back(path);
    return err(arguments);
  };
  EXPECT_NE(to(folder.path("no/where.csv")).find("no/where.csv: cannot be written"), std::string::npos);
  EXPECT_NE(to(folder.path()).find("Is a directory"), std::string::npos);
  if (std::filesystem::exists("/dev/full")) {
    EXPECT_NE(to("/dev/full").find("/dev/full: cannot be written: No space left"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/full")) << "it was not replaced by a file";
  }
}

TEST(TraceCommands, KeepWhatWasThereWhenTheyFail) {
  const TempFolder folder;
  const std::string out = folder.write("out.csv", "precious");
  const std::string bad = folder.write("bad.csv", kHeader + "1,x,1\n");
  EXPECT_EQ(run_blis({"trace", "convert", bad, "--to", "csv", "-o", out}).status, 4);
  EXPECT_EQ(contents(out), "precious");
  EXPECT_FALSE(std::filesystem::exists(out + ".part"));
}

TEST(TraceCommands, CountBadRowsWhereTheyAreToldTo) {
  const TempFolder folder;
  const std::string bad = folder.write("bad.csv", kHeader + "1,x,1\n2,3,4\n");
  const Finished finished = run_blis({"trace", "convert", bad, "--to", "csv", "--skip-bad-rows"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(std::ranges::count(finished.out, '\n'), 3);
  EXPECT_NE(finished.err.find("1 broken row was skipped"), std::string::npos) << finished.err;
}

// Traffic that takes minutes to write.
const char* const kEndless = R"(version: 1
workload:
  kind: synthetic
  num_requests: 500000000
  arrival: { process: poisson, request_rate: 20 }
  input_tokens: { distribution: constant, value: 100 }
  output_tokens: { distribution: constant, value: 10 }
)";

// What is read without end as a trace, too: a shell function `rows`.
constexpr const char* kRows =
    "rows() { echo 'arrival_s,input_tokens,output_tokens'; yes 1,100,10; }; rows | ";

TEST(TraceCommands, InterruptedLeaveNoHalfFile) {
  const TempFolder folder;
  const std::string endless = folder.write("endless.yaml", kEndless);
  const std::string interrupted = "timeout --foreground --preserve-status -s INT 0.5 '" BLIS_BINARY "' ";
  for (const std::string& command : {interrupted + "trace synth " + endless + " --to azure",
                                     kRows + interrupted + "trace convert - --to azure"}) {
    const std::string line = command + " -o " + folder.path("out.csv") + " 2>" + folder.path("err");
    EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 130) << line;
    const std::string said = contents(folder.path("err"));
    EXPECT_TRUE(said.starts_with("interrupted after ") && said.ends_with(": the file was not written\n"))
        << said;
    EXPECT_FALSE(std::filesystem::exists(folder.path("out.csv")));
    EXPECT_FALSE(std::filesystem::exists(folder.path("out.csv.part")));
  }
}

// A limit on the size of files stands for a full disk.
TEST(TraceCommands, LeaveNoHalfFileOnAFullDisk) {
  const TempFolder folder;
  const std::string endless = folder.write("endless.yaml", kEndless);
  for (const char* const name : {"out.csv", "out.csv.gz", "out.csv.zst"}) {
    const Finished finished = run_blis({"trace", "synth", endless, "--to", "azure", "-o", folder.path(name)},
                                       "", "trap '' XFSZ; ulimit -f 1000;");
    EXPECT_EQ(finished.status, 4) << finished.err;
    EXPECT_EQ(finished.err, "error: " + folder.path(name) + ": cannot be written: File too large\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("")), {}), 1) << "endless.yaml";
  }
}

}  // namespace
}  // namespace blis
