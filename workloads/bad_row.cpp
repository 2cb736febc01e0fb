#include "workloads/bad_row.h"

#include <fmt/format.h>

#include <limits>

#include "sim/utf8.h"

namespace blis {

void fail_row(Place place, Complaint c) {
  throw BadRow(
      {std::move(place), std::move(c.message), std::move(c.expected), std::move(c.got), std::move(c.hint)});
}

void fail_file(Place place, Complaint c) {
  throw InputError(ErrorKind::io, {std::move(place), std::move(c.message), std::move(c.expected),
                                   std::move(c.got), std::move(c.hint)});
}

void fail_usage(Complaint c) {
  throw InputError(ErrorKind::usage, {Place{}, std::move(c.message), std::move(c.expected), std::move(c.got),
                                      std::move(c.hint)});
}

std::string describe(IntegerRange range) {
  if (range.max == std::numeric_limits<std::int64_t>::max())
    return fmt::format("a whole number, at least {}", range.min);
  return fmt::format("a whole number from {} to {}", range.min, range.max);
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return '`' + printable(first_bytes(text, kLongest)) + (text.size() > kLongest ? "...`" : "`");
}

}  // namespace blis
