#include "tools/output/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "sim/nesting.h"

namespace blis {
namespace {

constexpr std::string_view kNumber = "+-.0123456789eE";

Place place_of_byte(const std::string& text, const Place& start, std::size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  const auto line_start = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
  return {.file = start.file,
          .line = std::max<std::int64_t>(start.line, 1) + std::count(text.begin(), end, '\n'),
          .column = end - line_start + 1};
}

// Calls `visit` with where each bracket and each number of a JSON text begins: all that is in no string.
template <class Visit>
void for_each_token(const std::string& text, const Visit& visit) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
    } else if (std::string_view("{}[]").find(text[i]) != std::string_view::npos) {
      if (!visit(i)) return;
    } else if (kNumber.find(text[i]) != std::string_view::npos) {
      if (!visit(i)) return;
      i = std::min(text.find_first_not_of(kNumber, i), text.size()) - 1;
    }
  }
}

void refuse_depth(const std::string& text, const Place& start, ErrorKind kind) {
  int depth = 0;
  for_each_token(text, [&](std::size_t i) {
    if (text[i] == '}' || text[i] == ']') --depth;
    if (text[i] != '{' && text[i] != '[') return true;
    if (++depth <= kMaxDepth) return true;
    throw InputError(kind, Problem{.place = place_of_byte(text, start, i),
                                   .message = "nested too deeply",
                                   .expected = fmt::format("at most {} levels", kMaxDepth)});
  });
}

// nlohmann does not say where.
[[noreturn]] void refuse_number(const std::string& text, const Place& start, ErrorKind kind) {
  Problem problem{
      .place = start, .message = "this number is beyond the range of numbers", .expected = "at most 1.8e308"};
  for_each_token(text, [&](std::size_t i) {
    if (kNumber.find(text[i]) == std::string_view::npos) return true;
    const std::string number = text.substr(i, std::min(text.find_first_not_of(kNumber, i), text.size()) - i);
    if (std::abs(std::strtod(number.c_str(), nullptr)) <= 1.7976931348623157e308) return true;
    problem.place = place_of_byte(text, start, i);
    problem.got = number.substr(0, 40);
    return false;
  });
  throw InputError(kind, std::move(problem));
}

}  // namespace

template <class Json>
Json parse_strict_json(const std::string& text, const Place& start, ErrorKind kind,
                       const typename Json::parser_callback_t& keep) {
  refuse_depth(text, start, kind);
  try {
    return Json::parse(text, keep);
  } catch (const typename Json::parse_error& error) {
    throw InputError(kind, Problem{.place = place_of_byte(text, start, error.byte == 0 ? 0 : error.byte - 1),
                                   .message = "this is not JSON",
                                   .got = error.what()});
  } catch (const typename Json::out_of_range&) {
    refuse_number(text, start, kind);
  }
}

template nlohmann::json parse_strict_json(const std::string&, const Place&, ErrorKind,
                                          const nlohmann::json::parser_callback_t&);
template nlohmann::ordered_json parse_strict_json(const std::string&, const Place&, ErrorKind,
                                                  const nlohmann::ordered_json::parser_callback_t&);

}  // namespace blis
