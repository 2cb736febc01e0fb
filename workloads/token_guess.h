// How many tokens a text has, where nobody counted them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

class TokenGuess {
 public:
  explicit TokenGuess(std::optional<double> chars_per_token)
      : guessed_(!chars_per_token), chars_per_token_(chars_per_token.value_or(kCharsPerToken)) {}

  // 0 for very short texts.
  std::int64_t tokens(std::string_view utf8) const {
    return std::llround(static_cast<double>(characters(utf8)) / chars_per_token_);
  }
  // That it is a guess, unless the user said how many characters a token has.
  std::vector<std::string> warnings() const {
    if (!guessed_) return {};
    return {fmt::format("lengths are guessed from text at {:g} characters a token; set `chars_per_token`",
                        chars_per_token_)};
  }

 private:
  // OpenAI's rule of thumb for English text and its tokenizers.
  static constexpr double kCharsPerToken = 4;

  // Unicode characters, not bytes: tokenizers count text, whatever its encoding.
  static std::int64_t characters(std::string_view utf8) {
    return std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  }

  bool guessed_;
  double chars_per_token_;
};

}  // namespace blis
