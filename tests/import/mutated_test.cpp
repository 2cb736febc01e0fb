// Whatever is pasted is read or refused with a sentence; nothing else happens.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "scenarios/document.h"
#include "tools/import/client_settings.h"
#include "tools/import/deployment.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

// Characters taken away, doubled, moved or replaced by those that mean something to a shell or to YAML.
std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view kMarks = "\"'\\$`{}[]()|&;<>#=-:,. \n\t*!%@~";
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (std::size_t i = 1 + below(6); i > 0 && !text.empty(); --i) {
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(8));
        break;
      case 1:
        text.insert(at, 1, kMarks[below(kMarks.size())]);
        break;
      case 2:
        text[at] = kMarks[below(kMarks.size())];
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), 1 + below(20)));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

template <class Read>
void read_mutants(const std::string& path, std::string_view start, Read read) {
  const std::string text = read_file(path, "examples");
  std::vector<std::string> examples;
  for (std::size_t at = text.find(start); at != std::string::npos;) {
    const std::size_t next = text.find(start, at + 1);
    examples.push_back(
        text.substr(at + start.size(), next == std::string::npos ? next : next - at - start.size()));
    at = next;
  }
  const char* const asked = std::getenv("BLIS_SEED");
  const auto seed = asked ? static_cast<std::uint32_t>(std::atoll(asked)) : std::random_device{}();
  testing::Test::RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    for (const std::string& example : examples) {
      const std::string mutant = mutated(example, random);
      try {
        read(mutant);
      } catch (const InputError& error) {
        EXPECT_FALSE(error.problems().empty());
        for (const Problem& problem : error.problems()) EXPECT_FALSE(problem.message.empty());
      } catch (const std::exception& error) {
        ADD_FAILURE() << "BLIS_SEED=" << seed << ": " << error.what() << "\n" << mutant;
      }
    }
  }
}

TEST(Mutants, OfCommandsAreReadOrRefused) {
  read_mutants(BLIS_SOURCE_DIR "/tests/import/commands.txt", "\n$ ", [](const std::string& text) {
    const PastedCommand command = pasted_command(text, "pasted");
    if (command.is_server()) {
      serve_settings(command);
    } else {
      client_settings(command);
    }
  });
}

TEST(Mutants, OfDeploymentsAreReadOrRefused) {
  read_mutants(BLIS_SOURCE_DIR "/tests/import/deployments.txt", "### ",
               [](const std::string& text) { read_deployment(text.substr(text.find('\n') + 1), "d.yaml"); });
}

}  // namespace
}  // namespace blis
