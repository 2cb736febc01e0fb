#include "workloads/log_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "workloads/csv_rows.h"
#include "workloads/json_rows.h"

namespace blis {
namespace {

// The first row is read before anybody asks for it: it says what the others are like.
template <class Rows>
class ReadAhead : public LogRows {
 public:
  const std::vector<std::string>& first_row() const override { return first_; }
  bool next() override {
    if (bad_ahead_) throw BadRow(*std::exchange(bad_ahead_, std::nullopt));
    if (ahead_) return !(ahead_ = false);
    return rows_.next();
  }
  Place place() const override { return rows_.place(); }
  const std::string& name() const override { return rows_.name(); }

 protected:
  explicit ReadAhead(Rows rows) : rows_(std::move(rows)) {
    try {
      ahead_ = rows_.next();
    } catch (const BadRow& bad) {
      bad_ahead_ = bad;
    }
  }
  bool has_first_row() const { return ahead_; }

  Rows rows_;
  std::vector<std::string> first_;

 private:
  bool ahead_ = false;  // the current row has not been handed out
  std::optional<BadRow> bad_ahead_;
};

class TableRows : public ReadAhead<CsvRows> {
 public:
  TableRows(LineReader lines, char separator) : ReadAhead(CsvRows(std::move(lines), {}, separator)) {
    if (!has_first_row()) return;
    for (std::size_t i = 0; i < columns().size(); ++i) first_.emplace_back(rows_.text(i));
  }

  const std::vector<std::string>& columns() const override { return rows_.columns(); }
  std::optional<std::string_view> text(std::size_t column) override {
    const std::string_view found = trimmed(rows_.text(column));
    return found.empty() ? std::nullopt : std::optional(found);
  }
  using ReadAhead::place;
  Place place(std::size_t column) const override { return rows_.place(column); }
};

class JsonLineRows : public ReadAhead<JsonRows> {
 public:
  explicit JsonLineRows(LineReader lines) : ReadAhead(JsonRows(std::move(lines))) {
    if (!has_first_row()) return;
    add_columns(rows_.object(), "", 0);
    texts_.resize(columns_.size());
    for (const std::string& column : columns_) {
      simdjson::dom::element value;
      first_.push_back(find(column, value) && is_text(value) ? std::string(text(first_.size()).value_or(""))
                                                             : std::string());
    }
  }

  const std::vector<std::string>& columns() const override { return columns_; }
  std::optional<std::string_view> text(std::size_t column) override {
    simdjson::dom::element value;
    if (!find(columns_[column], value) || value.is_null()) return std::nullopt;
    std::string& text = texts_[column];
    if (value.is<std::string_view>()) {
      text = trimmed(value.get_string().value_unsafe());
    } else if (value.is<std::int64_t>()) {
      text = std::to_string(value.get_int64().value_unsafe());
    } else if (value.is<double>()) {
      text = fmt::format("{}", value.get_double().value_unsafe());
    } else if (value.is<bool>()) {
      text = value.get_bool().value_unsafe() ? "true" : "false";
    } else {
      rows_.reject(last_key(column), fmt::format("bad `{}`", columns_[column]), "a number or a text",
                   shown(value));
    }
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  }
  using ReadAhead::place;
  Place place(std::size_t column) const override { return rows_.place(last_key(column)); }

 private:
  static bool is_text(simdjson::dom::element value) {
    return !value.is<simdjson::dom::array>() && !value.is<simdjson::dom::object>();
  }

  void add_columns(simdjson::dom::object object, const std::string& before, int depth) {
    constexpr int kDeepest = 4;
    constexpr std::size_t kMostColumns = 1000;
    for (const auto [key, value] : object) {
      const std::string name = before + std::string(key);
      simdjson::dom::object inner;
      if (depth < kDeepest && value.get(inner) == simdjson::SUCCESS) {
        add_columns(inner, name + ".", depth + 1);
      } else if (columns_.size() < kMostColumns && std::ranges::find(columns_, name) == columns_.end()) {
        columns_.push_back(name);
      }
    }
  }

  // A name may have dots of its own, or those of inner objects.
  static bool find(simdjson::dom::object object, std::string_view name, simdjson::dom::element& value) {
    if (object[name].get(value) == simdjson::SUCCESS) return true;
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
      simdjson::dom::object inner;
      if (object[name.substr(0, dot)].get(inner) == simdjson::SUCCESS &&
          find(inner, name.substr(dot + 1), value)) {
        return true;
      }
    }
    return false;
  }
  bool find(std::string_view name, simdjson::dom::element& value) const {
    return find(rows_.object(), name, value);
  }
  std::string_view last_key(std::size_t column) const {
    const std::string_view name = columns_[column];
    return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  }

  std::vector<std::string> columns_, texts_;
};

}  // namespace

char separator_of(std::string_view header) {
  constexpr std::array kSeparators{',', '\t', ';', '|'};
  std::array<std::size_t, kSeparators.size()> seen{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const auto found = std::ranges::find(kSeparators, c);
    if (!quoted && found != kSeparators.end()) {
      ++seen[static_cast<std::size_t>(found - kSeparators.begin())];
    }
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(seen) - seen.begin())];
}

std::unique_ptr<LogRows> table_rows(LineReader lines) {
  const std::string_view head = lines.head();
  const char separator = separator_of(head.substr(0, head.find('\n')));
  return std::make_unique<TableRows>(std::move(lines), separator);
}

std::unique_ptr<LogRows> json_line_rows(LineReader lines) {
  return std::make_unique<JsonLineRows>(std::move(lines));
}

}  // namespace blis
