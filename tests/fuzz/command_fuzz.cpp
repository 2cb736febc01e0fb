// Whole command lines with changed files and odd options, run in this process: each ends within seconds, with
// a documented exit status, and prints text.
//
//   fuzz_commands SOURCE_DIR [--seconds S] [--inputs N] [--seed N]
//
// Input i is that of the seed N + i: what went wrong is repeated by `--seed THAT --inputs 1`, and its files
// are still in the folder that is named.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "sim/stop_request.h"
#include "sim/utf8.h"
#include "tests/fuzz/command_jobs.h"
#include "tests/fuzz/text_mutator.h"
#include "tools/cli/options.h"
#include "tools/cli/program.h"

namespace blis::fuzz {
namespace {

namespace fs = std::filesystem;

// A run may be long for good reasons; then it is asked to stop, as by Ctrl-C, and must.
constexpr int kLongRunMs = 400;
constexpr int kHangMs = 5000;

bool g_asked_to_stop = false;

void on_alarm(int) {
  if (g_asked_to_stop) {
    constexpr std::string_view kHang = "\nhangs: does not stop when asked to\n";
    (void)!::write(STDERR_FILENO, kHang.data(), kHang.size());
    std::abort();
  }
  g_asked_to_stop = true;
  request_stop();
}

// Asks for an end after a while, and gives up on it after a longer one.
void start_clock() {
  g_asked_to_stop = false;
  detail::g_stop_requested_ns = 0;
  const itimerval clock{.it_interval = {kHangMs / 1000, 0}, .it_value = {0, kLongRunMs * 1000}};
  ::setitimer(ITIMER_REAL, &clock, nullptr);
}
void stop_clock() {
  const itimerval none{};
  ::setitimer(ITIMER_REAL, &none, nullptr);
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// Options that the command takes, with values that it may not.
void add_odd_options(std::vector<std::string>& words, Random& random) {
  for (const Command& command : commands()) {
    if (first_word(command.name) != words[0]) continue;
    if (!second_word(command.name).empty() && (words.size() < 2 || second_word(command.name) != words[1]))
      continue;
    std::vector<const Option*> taken;
    for (const Option& option : options()) {
      if (command.takes(option.group)) taken.push_back(&option);
    }
    for (std::size_t left = 1 + below(random, 2); left > 0 && !taken.empty(); --left) {
      const Option& option = *taken[below(random, taken.size())];
      words.push_back(fmt::format("--{}", option.name));
      if (option.takes == Takes::value) words.push_back(odd_value(random));
    }
    return;
  }
}

struct Input {
  std::vector<std::string> words;
  std::map<std::string, std::string> files;
};

Input make_input(const std::vector<Job>& jobs, Random& random) {
  const Job& job = jobs[below(random, jobs.size())];
  Input input{.words = job.words, .files = {}};
  for (const File& file : job.files) {
    if (file.seeds.empty()) continue;
    std::string text = file.seeds[below(random, file.seeds.size())];
    if (below(random, 8) != 0) text = mutated(std::move(text), file.seeds, random);
    input.files[file.name] = std::move(text);
  }
  if (job.files.empty()) input.words[1] = mutated(std::move(input.words[1]), {}, random);
  if (below(random, 4) == 0) add_odd_options(input.words, random);
  return input;
}

// A number that is none, as a word of its own.
bool has_no_number(std::string_view text) {
  for (const std::string_view word : {"nan", "inf", "-nan"}) {
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      const auto apart = [](char c) { return c == ' ' || c == '\n' || c == ',' || c == ':' || c == '|'; };
      if (at > 0 && apart(text[at - 1]) && (at + word.size() == text.size() || apart(text[at + word.size()])))
        return true;
    }
  }
  return false;
}

// What is wrong with how it ended; empty if nothing.
std::string judge(ExitCode status, const std::string& out, const std::string& error) {
  if (status == ExitCode::internal) return "an internal error";
  const std::string both = out + error;
  if (printable_lines(both) != both) return "prints what is no text";
  const bool said = error.find("error: ") != std::string::npos;
  const bool must_say = status == ExitCode::usage || status == ExitCode::infeasible ||
                        status == ExitCode::io || status == ExitCode::not_modelled;
  if (must_say && !said) return "ends without a sentence";
  // A message may repeat what a file holds.
  if (has_no_number(out)) return "prints a figure that is no number";
  return {};
}

// In a process of its own, whose standard output and error are files of `folder`.
class Fuzzer {
 public:
  Fuzzer(fs::path source, fs::path folder) : source_(std::move(source)), folder_(std::move(folder)) {
    fs::create_directories(folder_ / "work");
    redirect(folder_ / "out", STDOUT_FILENO);
    redirect(folder_ / "error", STDERR_FILENO);
    write(folder_ / "first.yaml", scenario());
    fs::current_path(folder_);
    call({"run", "first.yaml", "-o", "result", "-q", "--data-dir", source_.string()});
    jobs_ = list_jobs(source_.string(), (folder_ / "result").string());
  }

  // False if something is wrong.
  bool try_one(std::uint64_t seed) {
    Random random(seed);
    Input input = make_input(jobs_, random);
    fs::current_path(folder_);
    fs::remove_all(folder_ / "work");
    fs::create_directories(folder_ / "work");
    for (const auto& [name, text] : input.files) {
      if (name.starts_with("result/") && !fs::exists(folder_ / "work" / "result")) {
        fs::copy(folder_ / "result", folder_ / "work" / "result");
      }
      write(folder_ / "work" / name, text);
    }
    if (input.words[0] != "import" && input.words[0] != "conform" && input.words[0] != "diff") {
      input.words.insert(input.words.end(), {"--data-dir", source_.string()});
    }
    fs::current_path(folder_ / "work");
    std::string shown;
    for (const std::string& word : input.words) shown += " '" + printable(word) + "'";
    const std::string now =
        fmt::format("--seed {} --inputs 1, in {}:\nblis{}\n", seed, (folder_ / "work").string(), shown);
    write(folder_ / "now", now);
    const ExitCode status = call(input.words);
    ++ends_[static_cast<int>(status)];
    const std::string wrong = judge(status, content(folder_ / "out"), content(folder_ / "error"));
    if (wrong.empty()) return true;
    write(folder_ / "now", now + wrong + "\n");
    return false;
  }

  std::string ends() const {
    std::string text;
    for (const auto& [status, count] : ends_) text += fmt::format(" {} x {}", status, count);
    return text;
  }

 private:
  static std::string scenario() {
    return "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nworkload:\n  kind: "
           "synthetic\n  num_requests: 20\n"
           "  arrival: { process: poisson, request_rate: 4 }\n  input_tokens: { distribution: constant, "
           "value: 300 }\n"
           "  output_tokens: { distribution: constant, value: 20 }\n";
  }

  static ExitCode call(const std::vector<std::string>& words) {
    std::fflush(nullptr);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) (void)!::ftruncate(stream, 0);
    start_clock();
    const ExitCode status = run_program(words);
    stop_clock();
    std::fflush(nullptr);
    return status;
  }

  static void redirect(const fs::path& path, int stream) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0666);
    if (file < 0 || ::dup2(file, stream) < 0) std::abort();
    ::close(file);
  }

  fs::path source_, folder_;
  std::vector<Job> jobs_;
  std::map<int, std::uint64_t> ends_;
};

struct Plan {
  fs::path source;
  std::uint64_t seed = 1, inputs = ~std::uint64_t{0};
  double seconds = 15;
};

int fuzz(const Plan& plan, const fs::path& folder) {
  ::signal(SIGALRM, on_alarm);
  Fuzzer fuzzer(plan.source, folder);
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::duration<double> time(plan.seconds);
  std::uint64_t tried = 0;
  bool right = true;
  while (right && tried < plan.inputs && std::chrono::steady_clock::now() - start < time) {
    right = fuzzer.try_one(plan.seed + tried++);
  }
  write(folder / "summary",
        fmt::format("{} inputs from seed {}; exit statuses:{}\n", tried, plan.seed, fuzzer.ends()));
  return right ? 0 : 1;
}

int main_of(const std::vector<std::string>& words) {
  if (words.empty()) {
    fmt::print(stderr, "fuzz_commands SOURCE_DIR [--seconds S] [--inputs N] [--seed N]\n");
    return 2;
  }
  Plan plan{.source = fs::absolute(words[0])};
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    if (words[i] == "--seed") plan.seed = std::strtoull(words[i + 1].c_str(), nullptr, 10);
    if (words[i] == "--inputs") plan.inputs = std::strtoull(words[i + 1].c_str(), nullptr, 10);
    if (words[i] == "--seconds") plan.seconds = std::strtod(words[i + 1].c_str(), nullptr);
  }
  ::setenv("NO_COLOR", "1", 1);
  const fs::path folder = fs::temp_directory_path() / fmt::format("blis-fuzz-{}", ::getpid());
  fs::remove_all(folder);
  const pid_t child = ::fork();
  if (child == 0) std::_Exit(fuzz(plan, folder));
  int status = 0;
  ::waitpid(child, &status, 0);
  fmt::print("{}", content(folder / "summary"));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    fs::remove_all(folder);
    return 0;
  }
  if (WIFSIGNALED(status)) fmt::print("ended by signal {}\n", WTERMSIG(status));
  fmt::print("{}{}", content(folder / "now"), printable_lines(content(folder / "error").substr(0, 5000)));
  return 1;
}

}  // namespace
}  // namespace blis::fuzz

int main(int argc, char** argv) {
  return blis::fuzz::main_of({argv + 1, argv + argc});
}
