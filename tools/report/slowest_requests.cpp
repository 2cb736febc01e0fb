#include "tools/report/slowest_requests.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <vector>

#include "sim/input_error.h"

namespace blis {
namespace {

using nlohmann::ordered_json;

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0;;) {
    const std::size_t comma = line.find(',', at);
    fields.push_back(line.substr(at, comma - at));
    if (comma == std::string_view::npos) return fields;
    at = comma + 1;
  }
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

ordered_json value_of(std::string_view field) {
  if (field.empty()) return nullptr;
  if (const auto integer = number<std::int64_t>(field)) return *integer;
  if (const auto real = number<double>(field)) return *real;
  return std::string(field);
}

// Keeps the lines of the largest keys; of equal ones the earlier.
class Largest {
 public:
  explicit Largest(std::size_t count) : count_(count) {}

  void offer(std::int64_t key, const std::string& line) {
    if (kept_.size() == count_ && (count_ == 0 || key <= kept_.back().first)) return;
    const auto place =
        std::ranges::upper_bound(kept_, key, std::greater{}, &std::pair<std::int64_t, std::string>::first);
    kept_.emplace(place, key, line);
    if (kept_.size() > count_) kept_.pop_back();
  }

  ordered_json rows() const {
    ordered_json rows = ordered_json::array();
    for (const auto& [key, line] : kept_) {
      ordered_json row = ordered_json::array();
      for (const std::string_view field : fields_of(line)) row.push_back(value_of(field));
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  std::size_t count_;
  std::vector<std::pair<std::int64_t, std::string>> kept_;
};

std::size_t column(const std::vector<std::string_view>& names, std::string_view name,
                   const std::string& path) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw InputError(ErrorKind::io, Problem{.place = {.file = path, .line = 1},
                                            .message = "is not the requests.csv of a result",
                                            .expected = "a column " + std::string(name)});
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

ordered_json slowest_requests(const std::string& path, std::size_t count) {
  std::ifstream file(path);
  std::string header, line;
  if (!file || !std::getline(file, header)) {
    throw InputError(ErrorKind::io, Problem{.place = {.file = path}, .message = "cannot be read"});
  }
  const std::vector<std::string_view> names = fields_of(header);
  const std::size_t arrival = column(names, "arrival_ns", path),
                    first_token = column(names, "first_token_ns", path),
                    last_token = column(names, "last_token_ns", path),
                    outcome = column(names, "outcome", path);
  Largest by_e2e(count), by_ttft(count);
  std::int64_t requests = 0;
  while (std::getline(file, line)) {
    ++requests;
    const std::vector<std::string_view> fields = fields_of(line);
    if (fields.size() != names.size()) {
      throw InputError(ErrorKind::io, Problem{.place = {.file = path, .line = static_cast<int>(requests + 1)},
                                              .message = "has not as many fields as the header"});
    }
    if (fields[outcome] != "completed" && fields[outcome] != "length_capped") continue;
    const auto sent = number<std::int64_t>(fields[arrival]);
    const auto first = number<std::int64_t>(fields[first_token]);
    const auto last = number<std::int64_t>(fields[last_token]);
    if (!sent || !first || !last) continue;
    by_e2e.offer(*last - *sent, line);
    by_ttft.offer(*first - *sent, line);
  }
  ordered_json result;
  result["requests"] = requests;
  result["columns"] = ordered_json::array();
  for (const std::string_view name : names) result["columns"].push_back(std::string(name));
  result["by_e2e"] = by_e2e.rows();
  result["by_ttft"] = by_ttft.rows();
  return result;
}

}  // namespace blis
