// The three ways in which a user's traffic can be wrong, and how messages about it are put together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "blis/error.hpp"

namespace blis {

// A broken row of an otherwise readable trace: the reader can go on with the next one.
class BadRow : public InputError {
 public:
  explicit BadRow(Problem problem) : InputError(ErrorKind::io, std::move(problem)) {}
};

// What a message says beside its place; see Problem.
struct Complaint {
  std::string message;
  std::string expected{};
  std::string got{};
  std::string hint{};
};
[[noreturn]] void fail_row(Place place, Complaint complaint);   // BadRow
[[noreturn]] void fail_file(Place place, Complaint complaint);  // InputError, io: it cannot be read on
[[noreturn]] void fail_usage(Complaint complaint);              // InputError, usage: a wrong name or option

// Limits no real request passes; a number beyond them is a wrong column or a wrong unit.
constexpr std::int64_t kMaxTokensPerRequest = 100'000'000;
constexpr double kMaxRequests = 4e9;  // of one run: they are numbered with 32 bits

struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
constexpr IntegerRange kTokenRange{1, kMaxTokensPerRequest};
constexpr IntegerRange kTokensOrNone{0, kMaxTokensPerRequest};

// "a whole number from 1 to 100000000"
std::string describe(IntegerRange range);

// At most 60 bytes of `text`, printable, in backquotes: for messages.
std::string excerpt(std::string_view text);

}  // namespace blis
