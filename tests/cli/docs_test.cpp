// The documentation points where it says, and lists what there is.
#include <gtest/gtest.h>

#include <regex>

#include "tests/cli/run_blis.h"
#include "tools/cli/options.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

TEST(Docs, IndexListsEveryDecision) {
  const fs::path folder = BLIS_SOURCE_DIR "/docs/decisions";
  const std::string index = contents(folder / "README.md");
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name == "README.md") continue;
    EXPECT_NE(index.find("](" + name + ")"), std::string::npos) << name;
  }
}

TEST(Docs, RelativeLinksLeadSomewhere) {
  const fs::path root = BLIS_SOURCE_DIR;
  std::vector<fs::path> files{root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md"};
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  const std::regex link(R"(\]\(([^)#]+)[^)]*\))");
  for (const fs::path& file : files) {
    const std::string text = contents(file);
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (target.find("://") != std::string::npos) continue;
      EXPECT_TRUE(fs::exists(file.parent_path() / target)) << file << " links to " << target;
    }
  }
}

// The `blis` commands of a page's shell examples, a line each.
std::vector<std::string> shell_examples(const std::string& page) {
  const std::string text = contents(BLIS_SOURCE_DIR "/docs/" + page);
  std::vector<std::string> commands;
  bool shell = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) shell = line == "```sh";
    if (shell && line.starts_with("blis ")) commands.push_back(line);
  }
  return commands;
}

void write_access_log(const TempFolder& folder) {
  folder.write("access.csv",
               "when,tok_in,tok_out,status\n2025-11-03T14:00:00Z,100,10,200\n"
               "2025-11-03T14:00:01Z,200,20,500\n2025-11-03T14:00:02Z,300,30,200\n");
}

void expect_to_run(const std::string& command, const TempFolder& folder) {
  const std::string line = "cd " + folder.path() +
                           " && PATH=$(dirname " BLIS_BINARY "):$PATH BLIS_DATA=" + BLIS_SOURCE_DIR +
                           " && export PATH BLIS_DATA && " + command + " 2>err </dev/null";
  EXPECT_EQ(std::system(line.c_str()), 0) << command << "\n" << contents(folder.path("err"));
}

TEST(Docs, TheCommandsAboutWorkloadsRun) {
  const TempFolder folder;
  fs::create_directory_symlink(BLIS_SOURCE_DIR "/scenarios", folder.path("scenarios"));
  write_access_log(folder);
  const std::vector<std::string> commands = shell_examples("workloads.md");
  EXPECT_GE(commands.size(), 5u);
  for (const std::string& command : commands) expect_to_run(command + " >out", folder);
}

TEST(Docs, EachOfTheTenJobsStartsFromWhatPeopleHave) {
  const TempFolder folder;
  folder.write("serve.sh", "vllm serve meta-llama/Llama-3.1-8B-Instruct --max-model-len 16k\n");
  folder.write("bench.sh",
               "vllm bench serve --random-input-len 500 --random-output-len 20 --request-rate 12 "
               "--num-prompts 60 --ignore-eos\n");
  folder.write("compose.yaml",
               "services:\n  llm:\n    image: vllm/vllm-openai:v0.11.0\n"
               "    command: --model meta-llama/Llama-3.1-8B-Instruct --max-model-len 8192\n");
  write_access_log(folder);
  fs::copy(BLIS_SOURCE_DIR "/model_configs/qwen3-32b/config.json", folder.path("config.json"));
  const std::string page = contents(BLIS_SOURCE_DIR "/docs/guide.md");
  for (int job = 1; job <= 10; ++job) {
    EXPECT_NE(page.find("\n# " + std::to_string(job) + ". "), std::string::npos) << job;
  }
  std::vector<std::string> commands = shell_examples("guide.md");
  std::erase_if(commands, [](const std::string& c) { return c.find("scenarios/") != c.npos; });
  std::erase_if(commands, [](const std::string& c) { return c.starts_with("blis report"); });
  EXPECT_EQ(commands.size(), 13u);
  for (const std::string& command : commands) {
    if (command.starts_with("blis replay measured.json")) {
      expect_to_run("blis run scenario.yaml --output-format vllm-json --save-detailed >measured.json",
                    folder);
    }
    expect_to_run(command + " >out", folder);
  }
}

TEST(Docs, TheInspectionShownIsWhatBlisPrints) {
  const std::string page = contents(BLIS_SOURCE_DIR "/docs/workloads.md");
  const std::size_t begin = page.find("```text\n", page.find("blis trace inspect")) + 8;
  const std::string shown = page.substr(begin, page.find("```", begin) - begin);
  const std::string trace = "scenarios/traces/shared-prompts.jsonl";
  std::string printed = run_blis({"trace", "inspect", BLIS_SOURCE_DIR "/" + trace}, "", "LC_ALL=C.UTF-8").out;
  printed.replace(0, printed.find(':'), trace);
  EXPECT_EQ(shown, printed);
}

// Every block under a `<!-- shows: blis ... -->`, as tools/accept_docs writes it.
TEST(Docs, ShowWhatTheProgramSays) {
  const std::string start = "<!-- shows: blis ", fence = " -->\n```text\n";
  int blocks = 0;
  for (const auto& entry : fs::directory_iterator(BLIS_SOURCE_DIR "/docs")) {
    if (entry.path().extension() != ".md") continue;
    const std::string text = contents(entry.path());
    for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
      const std::size_t end = text.find(fence, at);
      ASSERT_NE(end, std::string::npos) << entry.path() << ": no block under a command";
      const std::string command = text.substr(at + start.size(), end - at - start.size());
      const std::size_t shown = end + fence.size();
      const TempFolder folder;
      const std::string line = "cd '" BLIS_SOURCE_DIR "' && COLUMNS=110 '" BLIS_BINARY "' " + command +
                               " 2>/dev/null | sed 's/ *$//' >" + folder.path("out");
      ASSERT_EQ(std::system(line.c_str()), 0) << command;
      EXPECT_EQ(text.substr(shown, text.find("```\n", shown) - shown),
                "$ blis " + command + "\n" + contents(folder.path("out")))
          << "tools/accept_docs brings " << entry.path().filename() << " up to date";
      ++blocks;
    }
  }
  EXPECT_GT(blocks, 0);
}

TEST(Readme, NamesEveryCommand) {
  const std::string readme = contents(BLIS_SOURCE_DIR "/README.md");
  for (const Command& command : commands()) {
    EXPECT_NE(readme.find("`blis " + std::string(command.name)), std::string::npos) << command.name;
  }
}

}  // namespace
}  // namespace blis
