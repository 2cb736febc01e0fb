#include <blis/blis.hpp>
#include <cstdio>

int main(int argc, char** argv) try {
  const blis::Scenario scenario = blis::read_scenario(argv[1]);
  const blis::Report report = blis::simulate(scenario, {.data_folder = argc > 2 ? argv[2] : ""});
  std::fputs(blis::to_json(report).c_str(), stdout);
} catch (const blis::InputError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
