#include "scenarios/fields_reader.h"

#include <fmt/format.h>

#include <utility>

#include "scenarios/document_text.h"
#include "scenarios/human_integer.h"

namespace blis {

void FieldsReader::note_origin(std::string_view key) {
  if (top().given(key)) origins_.insert_or_assign(top().path(key), to_string(top().place(key)));
}

void FieldsReader::integer_field(std::string_view key, std::optional<std::int64_t>& field,
                                 Range<std::int64_t> range, Need need) {
  note_origin(key);
  if (need >= Need::nullable) {
    field = top().maybe_integer(key, range);
  } else {
    field = top().integer(key, range, need == Need::required ? std::nullopt : field);
  }
}

void FieldsReader::tokens_field(std::string_view key, std::optional<std::int64_t>& field,
                                Range<std::int64_t> range, bool may_be_automatic, Need) {
  note_origin(key);
  field.reset();
  const Node* const node = top().node(key);
  const bool scalar = node && node->kind == Node::Kind::scalar;
  if (scalar && may_be_automatic && (node->text == "auto" || node->text == "-1")) {
    field = kAutomatic;
    return;
  }
  if (!scalar || strict_integer(node->text).value) {
    field = top().maybe_integer(key, range);
    return;
  }
  const auto [value, hint] = human_readable_integer(node->text);
  if (value && range.contains(*value)) {
    field = value;
    return;
  }
  top().problem(key, {.message = fmt::format("`{}` has a wrong value", top().path(key)),
                      .expected = fmt::format("{}, as in 32768, 32k or 32K{}", describe(range),
                                              may_be_automatic ? "; or auto, what fits" : ""),
                      .hint = hint});
}

void FieldsReader::number_field(std::string_view key, std::optional<double>& field, Range<double> range,
                                Need need) {
  note_origin(key);
  if (need >= Need::nullable) {
    field = top().maybe_number(key, range);
  } else {
    field = top().number(key, range, need == Need::required ? std::nullopt : field);
  }
}

void FieldsReader::boolean_field(std::string_view key, std::optional<bool>& field, Need need) {
  note_origin(key);
  if (need >= Need::nullable) {
    field = top().maybe_boolean(key);
  } else {
    field = top().boolean(key, need == Need::required ? std::nullopt : field);
  }
}

bool FieldsReader::text_field(std::string_view key, std::optional<std::string>& field, Names names,
                              Need need) {
  note_origin(key);
  if (need >= Need::nullable && !top().given(key)) {
    field = std::nullopt;
    return top().ok_after([&](Section& s) { s.maybe_text(key); });
  }
  return top().ok_after([&](Section& s) {
    if (names.empty()) {
      field = s.text(key, need == Need::required ? std::nullopt : field);
    } else if (need != Need::defaulted || s.has(key)) {
      const std::vector<std::string> allowed(names.begin(), names.end());
      field = allowed[s.choice(key, allowed)];
    } else {
      s.node(key);  // asked for, and absent
    }
  });
}

void FieldsReader::name_or_section_field(std::string_view key, std::optional<std::string>& field, Need need) {
  const Node* const node = top().node(key);
  if (!node || node->kind != Node::Kind::map) {
    text_field(key, field, {}, need);
    return;
  }
  note_origin(key);
  field = json_text(*node);
}

bool FieldsReader::numbers(std::string_view key, std::vector<double>& field, Range<double> range) {
  note_origin(key);
  const bool given = top().given(key);
  return top().ok_after([&](Section& s) {
    std::vector<double> values = s.numbers(key, range);
    if (given) field = std::move(values);
  });
}

void FieldsReader::texts(std::string_view key, std::vector<std::string>& field) {
  note_origin(key);
  const bool given = top().given(key);
  std::vector<std::string> values = top().texts(key);
  if (given) field = std::move(values);
}

void FieldsReader::check(bool holds, std::string_view key, Problem problem) {
  if (!holds) top().problem(key, std::move(problem));
}

bool FieldsReader::enter(std::string_view key, bool, Need need) {
  std::optional<Section> inner = need == Need::required ? top().required_section(key) : top().section(key);
  if (!inner) return false;
  note_origin(key);
  open_.push_back(std::move(*inner));
  return true;
}

void FieldsReader::leave() {
  open_.back().finish();
  open_.pop_back();
}

std::size_t FieldsReader::enter_list(std::string_view key, std::size_t) {
  note_origin(key);
  lists_.push_back(top().sections(key));
  return lists_.back().size();
}

void FieldsReader::enter_item(std::size_t i) {
  open_.push_back(lists_.back()[i]);
}

}  // namespace blis
