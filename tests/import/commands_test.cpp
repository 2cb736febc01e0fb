// Command lines as people paste them, from public guides and threads: what each means is in commands.txt, and
// reviewed there. BLIS_ACCEPT_COMMANDS=1 writes that file anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "scenarios/document.h"
#include "tools/import/client_settings.h"
#include "tools/import/serve_settings.h"

namespace blis {
namespace {

const std::string kCommands = BLIS_SOURCE_DIR "/tests/import/commands.txt";

// What follows `$ ` up to what it means.
struct Pasted {
  std::string text;
  std::string meaning;  // lines
};

bool is_meaning(const std::string& line) {
  return line.size() > 1 && line[1] == ' ' &&
         std::string_view("=?x!").find(line[0]) != std::string_view::npos;
}

std::vector<Pasted> pasted_commands() {
  std::vector<Pasted> all;
  std::istringstream lines(read_file(kCommands, "commands"));
  bool command = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ")) {
      all.push_back({line.substr(2) + "\n", ""});
      command = true;
    } else if (line.empty()) {
      command = false;
    } else if (is_meaning(line)) {
      command = false;
      all.back().meaning += line + "\n";
    } else if (command) {
      all.back().text += line + "\n";
    }
  }
  return all;
}

// A line each: = a setting, ? what is assumed, x what is not modelled, ! what is wrong.
std::string meaning_of(const std::string& text) {
  std::string meaning;
  const auto problems = [&](char mark, const std::vector<Problem>& all) {
    for (const Problem& problem : all) {
      meaning += std::string(1, mark) + " " + problem.message;
      if (mark == 'x' && !problem.hint.empty()) meaning += " (" + problem.hint + ")";
      meaning += "\n";
    }
  };
  try {
    const PastedCommand command = pasted_command(text, "pasted");
    const Translation t =
        command.is_server() ? serve_settings(command) : client_settings(command).translation;
    for (const Override& setting : t.settings) meaning += "= " + setting.key + ": " + setting.value + "\n";
    for (const std::string& note : t.notes) meaning += "? " + note + "\n";
    problems('x', t.lacking);
    problems('!', t.mistakes);
  } catch (const InputError& error) {
    problems('!', error.problems());
  }
  return meaning;
}

TEST(PastedCommands, MeanWhatIsWrittenBesideThem) {
  const std::vector<Pasted> all = pasted_commands();
  EXPECT_GE(all.size(), 60u);
  if (std::getenv("BLIS_ACCEPT_COMMANDS") != nullptr) {
    std::ofstream file(kCommands);
    for (const Pasted& pasted : all) file << "$ " << pasted.text << meaning_of(pasted.text) << "\n";
    return;
  }
  for (const Pasted& pasted : all) EXPECT_EQ(meaning_of(pasted.text), pasted.meaning) << pasted.text;
}

// Whatever was in it, nobody is told nothing.
TEST(PastedCommands, EachBecomesAScenarioOrIsToldWhy) {
  for (const Pasted& pasted : pasted_commands()) EXPECT_FALSE(meaning_of(pasted.text).empty()) << pasted.text;
}

}  // namespace
}  // namespace blis
