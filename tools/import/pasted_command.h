// Which program a pasted command line runs, under what: the environment, Docker, Python.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/shell_words.h"

namespace blis {

enum class Program : std::uint8_t { vllm_serve, vllm_bench, sglang_bench, guidellm, aiperf };

struct PastedCommand {
  Program program = Program::vllm_serve;
  std::string shown;                   // as people call it: "vllm serve", "benchmark_serving.py"
  Place place;                         // of its first word
  ShellCommand arguments;              // of the program
  std::vector<ShellWord> environment;  // NAME=VALUE, each
  std::optional<ShellWord> image;      // of its container

  bool is_server() const { return program == Program::vllm_serve; }
};

// Which of a script's commands is meant.
enum class Wanted : std::uint8_t { any, server, client };

// The one command of `text` that runs a server or a client that is known here; what goes before it (cd,
// export, pip) is passed over, and the other one of a script that has both. `name` stands for the text in
// places. Throws InputError (usage) where there is none, or more than one.
PastedCommand pasted_command(std::string_view text, std::string name, Wanted wanted = Wanted::any);

// Nothing if these words run no such program, with `environment` (NAME=VALUE each) set. Throws InputError
// (usage) for another server.
std::optional<PastedCommand> recognised(ShellCommand words, std::vector<ShellWord> environment = {});

// What a container of this image runs with these arguments; `entrypoint` may be empty. Nothing if neither the
// image nor the words say.
std::optional<PastedCommand> in_container(const ShellWord& image, ShellCommand entrypoint,
                                          ShellCommand arguments, std::vector<ShellWord> environment = {});

}  // namespace blis
