#include "tools/import/pasted_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/nearest_name.h"

namespace blis {
namespace {

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::ranges::find(words, word) != words.end();
}

// The end of a path: /usr/bin/python3 is python3.
std::string_view base(std::string_view word) {
  return word.substr(word.find_last_of('/') + 1);
}

// What a terminal shows before a command: `$`, `user@host:~$`.
bool is_prompt(std::string_view word) {
  return word == "$" || word == "%" || word == ">" ||
         (word.find('@') != std::string_view::npos && (word.ends_with('$') || word.ends_with('#')));
}

// A text without the lines that fence code in Markdown, which become empty.
std::string unfenced(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    result += text.starts_with("```") ? std::string_view("\n") : text.substr(0, end);
    text.remove_prefix(end);
  }
  return result;
}

// Takes words off the front of a command.
class Front {
 public:
  explicit Front(ShellCommand words) : words_(std::move(words)) {}

  bool empty() const { return at_ == words_.size(); }
  std::string_view peek(std::size_t ahead = 0) const {
    return at_ + ahead < words_.size() ? std::string_view(words_[at_ + ahead].text) : std::string_view{};
  }
  const ShellWord& word() const { return words_[at_]; }
  ShellWord take() { return words_[at_++]; }
  void skip(std::size_t count = 1) { at_ = std::min(at_ + count, words_.size()); }
  ShellCommand rest() const { return {words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end()}; }

 private:
  ShellCommand words_;
  std::size_t at_ = 0;
};

[[noreturn]] void refuse(const Place& place, std::string message, std::string expected,
                         std::string hint = {}) {
  throw InputError(ErrorKind::usage, Problem{.place = place,
                                             .message = std::move(message),
                                             .expected = std::move(expected),
                                             .hint = std::move(hint)});
}

constexpr std::string_view kKnownPrograms =
    "vllm serve, vllm bench serve, sglang.bench_serving, guidellm, aiperf or genai-perf";

// `python -m MODULE`, `python SCRIPT.py`, and programs by their own name; the words go on after it.
struct Known {
  std::string_view name;  // module, script or program
  std::string_view sub;   // words that follow, as "bench serve"; empty for none
  Program program;
  std::string_view shown;
};
constexpr std::array kKnown{
    Known{"vllm", "serve", Program::vllm_serve, "vllm serve"},
    Known{"vllm", "bench serve", Program::vllm_bench, "vllm bench serve"},
    Known{"vllm.entrypoints.cli.main", "serve", Program::vllm_serve, "vllm serve"},
    Known{"vllm.entrypoints.cli.main", "bench serve", Program::vllm_bench, "vllm bench serve"},
    Known{"vllm.entrypoints.openai.api_server", "", Program::vllm_serve, "api_server"},
    Known{"vllm.entrypoints.api_server", "", Program::vllm_serve, "api_server"},
    Known{"dynamo.vllm", "", Program::vllm_serve, "dynamo.vllm"},
    Known{"api_server.py", "", Program::vllm_serve, "api_server"},
    Known{"benchmark_serving.py", "", Program::vllm_bench, "benchmark_serving.py"},
    Known{"sglang.bench_serving", "", Program::sglang_bench, "sglang.bench_serving"},
    Known{"bench_serving.py", "", Program::sglang_bench, "sglang.bench_serving"},
    Known{"guidellm", "benchmark run", Program::guidellm, "guidellm benchmark"},
    Known{"guidellm", "benchmark", Program::guidellm, "guidellm benchmark"},
    Known{"guidellm", "run", Program::guidellm, "guidellm benchmark"},
    Known{"guidellm", "", Program::guidellm, "guidellm"},
    Known{"aiperf", "profile", Program::aiperf, "aiperf profile"},
    Known{"genai-perf", "profile", Program::aiperf, "genai-perf profile"},
};

// What is no vLLM, or no server of one.
constexpr std::array<std::string_view, 8> kOtherServers{"sglang.launch_server",
                                                        "trtllm-serve",
                                                        "text-generation-launcher",
                                                        "tritonserver",
                                                        "lmdeploy",
                                                        "mindie-service",
                                                        "ollama",
                                                        "llama-server"};

// The program that stands in front, by the longest of its names; the words of it are skipped.
const Known* known_program(Front& words) {
  const std::string_view name = base(words.peek());
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    std::size_t count = 1;
    std::string_view sub = known.sub;
    bool matches = true;
    while (!sub.empty()) {
      const std::size_t space = sub.find(' ');
      matches = matches && words.peek(count) == sub.substr(0, space);
      ++count;
      sub = space == std::string_view::npos ? std::string_view{} : sub.substr(space + 1);
    }
    if (!matches) continue;
    words.skip(count);
    return &known;
  }
  return nullptr;
}

PastedCommand command_of(const Known& known, const Place& place, const Front& words,
                         std::vector<ShellWord> environment) {
  return {.program = known.program,
          .shown = std::string(known.shown),
          .place = place,
          .arguments = words.rest(),
          .environment = std::move(environment),
          .image = {}};
}

// Docker's options up to the image; what is in `environment` after it has --env's.
struct Container {
  ShellWord image;
  ShellCommand entrypoint, arguments;
};
Container container(Front& words, const Place& place, std::vector<ShellWord>& environment) {
  // The options of `docker run` without a value. Source: its manual page.
  constexpr std::array<std::string_view, 13> kSwitches{
      "--rm",        "--init",           "--privileged", "--detach",         "--interactive",
      "--tty",       "--quiet",          "--read-only",  "--no-healthcheck", "--oom-kill-disable",
      "--sig-proxy", "--use-api-socket", "--publish-all"};
  Container result;
  while (!words.empty() && words.peek().starts_with('-')) {
    const ShellWord option = words.take();
    const std::string_view name = std::string_view(option.text).substr(0, option.text.find('='));
    const bool is_long = name.starts_with("--");
    const bool bundled = !is_long && name.substr(1).find_first_not_of("ditqP") == std::string_view::npos;
    if (is_one_of(name, kSwitches) || bundled) continue;
    ShellWord value = option;
    if (name.size() < option.text.size()) {
      value.text = option.text.substr(name.size() + 1);
    } else if (!is_long && name.size() > 2) {
      value.text = option.text.substr(2);  // -eA=b, -p8000:8000
    } else if (!words.empty()) {
      value = words.take();
    }
    const std::string_view letter = is_long ? name : name.substr(0, 2);
    if (letter == "-e" || letter == "--env") environment.push_back(value);
    if (letter == "--entrypoint") result.entrypoint = {value};
  }
  if (words.empty()) refuse(place, "this container has no image", "docker run ... IMAGE ARGUMENTS");
  result.image = words.take();
  result.arguments = words.rest();
  return result;
}

bool is_program(std::string_view word) {
  const std::string_view name = base(word);
  return name.starts_with("python") || std::ranges::find(kKnown, name, &Known::name) != kKnown.end();
}

// Options of uv, numactl and srun go before the program, with values or without.
void skip_wrapper_options(Front& words) {
  // Those of `uv run` and `uvx` whose value may read as a program. Source: uv's reference of its commands.
  constexpr std::array<std::string_view, 4> kWithPackage{"--with", "--from", "--package", "--extra"};
  while (words.peek().starts_with('-')) {
    const std::string_view option = words.peek();
    const bool has_value = option.find('=') == std::string_view::npos;
    const bool has_package = is_one_of(option, kWithPackage);
    words.skip();
    if (has_value && !words.peek().starts_with('-') && (has_package || !is_program(words.peek())))
      words.skip();
  }
}

bool is_wanted(const PastedCommand& command, Wanted wanted) {
  return wanted == Wanted::any || command.is_server() == (wanted == Wanted::server);
}

// The one that runs a program that is known here; nothing if none does. What cannot be run here matters only
// if nothing else is there.
std::optional<PastedCommand> only_command(const std::vector<ShellCommand>& commands, Wanted wanted) {
  std::optional<PastedCommand> found, other;
  std::optional<InputError> refused;
  for (const ShellCommand& words : commands) {
    std::optional<PastedCommand> command;
    try {
      command = recognised(words);
    } catch (const InputError& error) {
      if (!refused) refused = error;
    }
    if (!command) continue;
    if (words.front().flaw && is_wanted(*command, wanted))
      throw InputError(ErrorKind::usage, *words.front().flaw);
    std::optional<PastedCommand>& kind = is_wanted(*command, wanted) ? found : other;
    if (found && &kind == &found) {
      refuse(command->place, fmt::format("`{}` is a second command", command->shown),
             fmt::format("one: `{}` comes before it", found->shown));
    }
    kind = std::move(command);
  }
  if (!found && !other && refused) throw *std::move(refused);
  return found ? found : other;
}

}  // namespace

std::optional<PastedCommand> in_container(const ShellWord& image, ShellCommand entrypoint,
                                          ShellCommand arguments, std::vector<ShellWord> environment) {
  ShellCommand all = std::move(entrypoint);
  const bool has_entrypoint = !all.empty();
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::optional<PastedCommand> command = recognised(all, environment);
  const bool is_vllm = image.text.find("vllm") != std::string::npos;
  // What the image runs by itself takes arguments, or a model first.
  const auto is_its_own = [](std::string_view word) {
    const bool is_path = word.starts_with('/') || word.starts_with('.');
    return word.starts_with('-') || word == "serve" || (!is_path && word.find('/') != std::string_view::npos);
  };
  if (!command && is_vllm && !has_entrypoint && !arguments.empty() && is_its_own(arguments[0].text)) {
    if (arguments[0].text == "serve") arguments.erase(arguments.begin());
    command = PastedCommand{.program = Program::vllm_serve,
                            .shown = "vllm serve",
                            .place = image.place,
                            .arguments = std::move(arguments),
                            .environment = std::move(environment),
                            .image = {}};
  }
  if (command) command->image = image;
  return command;
}

std::optional<PastedCommand> recognised(ShellCommand all, std::vector<ShellWord> environment) {
  if (all.empty()) return std::nullopt;
  Front words(std::move(all));
  const Place place = words.word().place;
  const auto within = [&](std::optional<PastedCommand> inner) {
    if (inner) inner->environment.insert(inner->environment.begin(), environment.begin(), environment.end());
    return inner;
  };
  while (!words.empty()) {
    const std::string_view word = base(words.peek());
    if (is_prompt(words.peek())) {
      words.skip();
    } else if (assigned_name(words.peek()) > 0) {
      environment.push_back(words.take());
    } else if (word == "sudo" || word == "nohup" || word == "time" || word == "exec" || word == "env" ||
               word == "setsid" || word == "poetry" || word == "then" || word == "do") {
      words.skip();
      while (words.peek().starts_with('-')) words.skip(words.peek() == "-u" || words.peek() == "-g" ? 2 : 1);
    } else if (word == "uv" || word == "pixi" || word == "uvx") {
      words.skip(words.peek(1) == "run" ? 2 : 1);
      skip_wrapper_options(words);
    } else if (word == "numactl" || word == "srun" || word == "stdbuf" || word == "nsys" ||
               word == "taskset") {
      words.skip();
      skip_wrapper_options(words);
    } else if (word == "timeout") {
      words.skip(2);
    } else if (word == "bash" || word == "sh") {
      words.skip();
      while (words.peek().starts_with('-') && words.peek().find('c') == std::string_view::npos) words.skip();
      if (!words.peek().starts_with('-') || words.peek(1).empty()) return std::nullopt;
      words.skip();
      return within(only_command(shell_commands_within(words.word(), Pipes::cut, environment), Wanted::any));
    } else if (word == "docker" || word == "podman" || word == "nerdctl") {
      if (words.peek(1) == "container") words.skip();
      if (words.peek(1) == "run") {
        words.skip(2);
        Container c = container(words, place, environment);
        std::optional<PastedCommand> inner =
            in_container(c.image, c.entrypoint, c.arguments, std::move(environment));
        if (!inner)
          refuse(c.image.place, fmt::format("what a container of `{}` runs is not known", c.image.text),
                 "an image of vLLM, or the command in it: " + std::string(kKnownPrograms));
        return inner;
      }
      if (words.peek(1) != "exec") return std::nullopt;
      words.skip(2);
      return within(recognised(container(words, place, environment).arguments));
    } else if (word == "kubectl" || word == "oc") {
      while (!words.empty() && words.peek() != "--") words.skip();
      words.skip();
    } else if (word.starts_with("python")) {
      words.skip();
      while (words.peek().starts_with('-') && words.peek() != "-m") words.skip();
      if (words.peek() == "-m") words.skip();
    } else if (is_one_of(word, kOtherServers)) {
      refuse(place, fmt::format("`{}` is no server that is simulated here", word), "a command of vLLM");
    } else if (const Known* const known = known_program(words)) {
      return command_of(*known, place, words, std::move(environment));
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

PastedCommand pasted_command(std::string_view text, std::string name, Wanted wanted) {
  std::vector<ShellCommand> commands = shell_commands(unfenced(text), name);
  if (commands.empty()) refuse({name, 0, 0}, "there is no command", std::string(kKnownPrograms));
  std::optional<PastedCommand> found = only_command(commands, wanted);
  if (found) return *std::move(found);
  const ShellCommand& last = commands.back();
  const std::size_t first = std::min<std::size_t>(
      static_cast<std::size_t>(
          std::ranges::find_if(last, [](const ShellWord& word) { return assigned_name(word.text) == 0; }) -
          last.begin()),
      last.size() - 1);
  std::string shown = last[first].text;
  if (first + 1 < last.size()) shown += " " + last[first + 1].text;
  const std::vector<std::string> names{"vllm serve", "vllm bench serve", "guidellm benchmark",
                                       "aiperf profile", "genai-perf profile"};
  std::string hint = did_you_mean(shown, names);
  if (hint.empty() && first + 1 == last.size()) hint = "if it is the name of a file, there is no such file";
  refuse(last[first].place, fmt::format("`{}` runs no program that is known here", shown),
         std::string(kKnownPrograms), std::move(hint));
}

}  // namespace blis
