// Deployment files in the shapes that people have them in: what each means is in deployments.txt, and
// reviewed there. BLIS_ACCEPT_COMMANDS=1 writes that file anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tools/import/deployment.h"

namespace blis {
namespace {

const std::string kDeployments = BLIS_SOURCE_DIR "/tests/import/deployments.txt";

struct Written {
  std::string name, text, meaning;
};

bool is_part_of_meaning(const std::string& line) {
  return line.size() > 1 && line[1] == ' ' &&
         std::string_view("@=?x!r").find(line[0]) != std::string_view::npos;
}

std::vector<Written> deployments() {
  std::vector<Written> all;
  std::istringstream lines(read_file(kDeployments, "deployments"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### ")) {
      all.push_back({line.substr(4), "", ""});
    } else if (is_part_of_meaning(line)) {
      all.back().meaning += line + "\n";
    } else if (all.back().meaning.empty()) {
      all.back().text += line + "\n";
    }
  }
  return all;
}

// A line each: @ an engine, = its settings, r a router, ? what is assumed or not used, x what is not
// modelled, ! what is wrong.
std::string meaning_of_deployment(const std::string& text) {
  std::string meaning;
  try {
    const DeploymentFile deployment = read_deployment(text, "d.yaml");
    for (const DeployedEngine& engine : deployment.engines) {
      meaning += "@ " + engine.name + "\n";
      for (const Override& o : engine.translation.settings) meaning += "= " + o.key + ": " + o.value + "\n";
      for (const std::string& note : engine.translation.notes) meaning += "? " + note + "\n";
      for (const Problem& p : engine.translation.lacking) meaning += "x " + p.message + " (" + p.hint + ")\n";
      for (const Problem& p : engine.translation.mistakes) meaning += "! " + p.message + "\n";
    }
    for (const Place& router : deployment.routers) meaning += "r " + to_string(router) + "\n";
    for (const std::string& part : deployment.unused) meaning += "? not used: " + part + "\n";
    for (const Problem& p : deployment.refused)
      meaning += "? not used: " + to_string(p.place) + ": " + p.message + "\n";
  } catch (const InputError& error) {
    for (const Problem& p : error.problems()) meaning += "! " + to_string(p.place) + ": " + p.message + "\n";
  }
  return meaning.empty() ? "? nothing in it\n" : meaning;
}

TEST(Deployments, MeanWhatIsWrittenBesideThem) {
  const std::vector<Written> all = deployments();
  EXPECT_GE(all.size(), 20u);
  if (std::getenv("BLIS_ACCEPT_COMMANDS") != nullptr) {
    std::ofstream file(kDeployments);
    for (const Written& one : all) {
      std::string text = one.text;
      while (text.ends_with("\n\n")) text.pop_back();
      file << "### " << one.name << "\n" << text << meaning_of_deployment(one.text) << "\n";
    }
    return;
  }
  for (const Written& one : all) EXPECT_EQ(meaning_of_deployment(one.text), one.meaning) << one.name;
}

}  // namespace
}  // namespace blis
