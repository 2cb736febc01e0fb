#include "scenarios/fields_writer.h"

#include <string>
#include <utility>

#include "scenarios/scalar.h"

namespace blis {

void FieldsWriter::put_scalar(std::string_view key, std::string text, bool quoted) {
  open_.back().children.push_back(
      {.kind = Node::Kind::scalar, .quoted = quoted, .key = std::string(key), .text = std::move(text)});
}

void FieldsWriter::put_null(std::string_view key, Need need) {
  if (need == Need::rare) return;
  open_.back().children.push_back({.kind = Node::Kind::null, .key = std::string(key)});
}

void FieldsWriter::integer_field(std::string_view key, std::optional<std::int64_t>& field,
                                 Range<std::int64_t>, Need need) {
  field ? put_scalar(key, std::to_string(*field), false) : put_null(key, need);
}

void FieldsWriter::number_field(std::string_view key, std::optional<double>& field, Range<double>,
                                Need need) {
  field ? put_scalar(key, to_text(*field), false) : put_null(key, need);
}

void FieldsWriter::boolean_field(std::string_view key, std::optional<bool>& field, Need need) {
  field ? put_scalar(key, *field ? "true" : "false", false) : put_null(key, need);
}

bool FieldsWriter::text_field(std::string_view key, std::optional<std::string>& field, Names, Need need) {
  field ? put_scalar(key, *field, true) : put_null(key, need);
  return true;
}

void FieldsWriter::name_or_section_field(std::string_view key, std::optional<std::string>& field, Need need) {
  if (!field || !field->starts_with('{')) {
    text_field(key, field, {}, need);
    return;
  }
  Node section = parse_json(*field, std::string(key)).root;
  section.key = std::string(key);
  open_.back().children.push_back(std::move(section));
}

bool FieldsWriter::numbers(std::string_view key, std::vector<double>& field, Range<double>) {
  if (field.empty()) return true;
  Node list{.kind = Node::Kind::list, .key = std::string(key)};
  for (const double value : field)
    list.children.push_back({.kind = Node::Kind::scalar, .text = to_text(value)});
  open_.back().children.push_back(std::move(list));
  return true;
}

void FieldsWriter::texts(std::string_view key, std::vector<std::string>& field) {
  if (field.empty()) return;
  Node list{.kind = Node::Kind::list, .key = std::string(key)};
  for (const std::string& value : field)
    list.children.push_back({.kind = Node::Kind::scalar, .quoted = true, .text = value});
  open_.back().children.push_back(std::move(list));
}

bool FieldsWriter::enter(std::string_view key, bool present, Need) {
  if (present) open_.push_back({.kind = Node::Kind::map, .key = std::string(key)});
  return present;
}

void FieldsWriter::leave() {
  Node done = std::move(open_.back());
  open_.pop_back();
  if (!done.children.empty()) open_.back().children.push_back(std::move(done));
}

std::size_t FieldsWriter::enter_list(std::string_view key, std::size_t size) {
  open_.push_back({.kind = Node::Kind::list, .key = std::string(key)});
  return size;
}

void FieldsWriter::enter_item(std::size_t) {
  open_.push_back({.kind = Node::Kind::map});
}

}  // namespace blis
