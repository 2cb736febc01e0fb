#include "tools/cli/familiar_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "blis/error.hpp"
#include "tools/import/argument.h"

namespace blis {
namespace {

struct Familiar {
  std::string_view theirs, ours;
};
constexpr std::array kFamiliar{
    Familiar{"num-requests", "--num-prompts"},
    Familiar{"requests", "--num-prompts"},
    Familiar{"request-count", "--num-prompts"},
    Familiar{"max-requests", "--num-prompts"},
    Familiar{"qps", "--request-rate"},
    Familiar{"rps", "--request-rate"},
    Familiar{"rate", "--request-rate"},
    Familiar{"concurrency", "--max-concurrency"},
    Familiar{"users", "--max-concurrency"},
    Familiar{"isl", "--input-len"},
    Familiar{"osl", "--output-len"},
    Familiar{"random-input-len", "--input-len"},
    Familiar{"random-output-len", "--output-len"},
    Familiar{"random-prefix-len", "--prefix-len"},
    Familiar{"max-seconds", "--duration"},
    Familiar{"hardware", "--gpu"},
    Familiar{"num-gpus", "-tp N, or --replicas N"},
    Familiar{"gpus", "-tp N, or --replicas N"},
    Familiar{"tensor-parallel", "-tp"},
    Familiar{"speculative-model", "--speculative-config"},
};

std::string dashed(std::string_view word) {
  std::string name(word.substr(2, word.find('=') - 2));
  std::ranges::replace(name, '_', '-');
  return name;
}

bool is_ours(const Command& command, std::string_view name) {
  return std::ranges::any_of(options(), [&](const Option& option) {
    const bool negated =
        option.takes == Takes::yes_or_no && name.starts_with("no-") && name.substr(3) == option.name;
    return command.takes(option.group) && (option.name == name || negated);
  });
}

const Argument* of_vllm(std::string_view name) {
  for (const Argument& argument : serve_arguments()) {
    const bool negated =
        argument.reads == Reads::boolean && name.starts_with("no-") && name.substr(3) == argument.name;
    if (argument.name == name || negated) return &argument;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> without_idle_flags(const Command& command, std::span<const std::string> words) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string name = word.starts_with("--") ? dashed(word) : "";
    const Argument* const argument =
        name.empty() || !command.takes(OptionGroup::engine) || is_ours(command, name) ? nullptr
                                                                                      : of_vllm(name);
    if (!argument || argument->effect == Effect::sets_key) {
      kept.push_back(word);
      continue;
    }
    const bool has_value = argument->reads != Reads::flag && argument->reads != Reads::boolean;
    const std::size_t equals = word.find('=');
    std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (!has_value) value = name.starts_with("no-") ? "false" : "true";
    if (has_value && equals == std::string::npos && i + 1 < words.size() && !words[i + 1].starts_with('-'))
      value = words[++i];
    if (argument->effect == Effect::none || is_harmless(*argument, value)) continue;
    throw InputError(ErrorKind::not_modelled,
                     Problem{.place = {word},
                             .message = "vLLM's argument changes what is simulated, and is not modelled",
                             .got = word,
                             .hint = std::string(argument->about)});
  }
  return kept;
}

std::string familiar_name(std::string_view name) {
  const auto found = std::ranges::find(kFamiliar, name, &Familiar::theirs);
  return found == kFamiliar.end() ? "" : fmt::format("that is {} here", found->ours);
}

}  // namespace blis
