// The keys of a scenario, listed once. `describe` functions (scenario_fields.h) name each key with the
// field that holds it; a reader of the list fills the fields from a file, a writer puts them into one.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/section.h"

namespace blis {

enum class Need : std::uint8_t {
  required,   // must be in the file
  defaulted,  // otherwise the field keeps the value it has
  nullable,   // may be absent or null: the field is then empty
  rare,       // the same, and an empty field is not worth a line in a written copy
};

// Names of an enum's values, in its order.
using Names = std::span<const std::string_view>;

class Fields {
 public:
  virtual ~Fields() = default;

  // A field that is no std::optional is defaulted; `required_` ones must be given.
  template <std::integral T>
  void integer(std::string_view key, T& field, Range<std::int64_t> range = kCount) {
    std::optional<std::int64_t> value = static_cast<std::int64_t>(field);
    integer_field(key, value, range, Need::defaulted);
    field = static_cast<T>(*value);
  }
  template <std::integral T>
  void integer(std::string_view key, std::optional<T>& field, Range<std::int64_t> range = kCount,
               Need need = Need::nullable) {
    std::optional<std::int64_t> value = field;
    integer_field(key, value, range, need);
    field = value ? std::optional(static_cast<T>(*value)) : std::nullopt;
  }
  template <std::integral T>
  void required_integer(std::string_view key, T& field, Range<std::int64_t> range = kCount) {
    std::optional<std::int64_t> value = static_cast<std::int64_t>(field);
    integer_field(key, value, range, Need::required);
    field = static_cast<T>(*value);
  }

  // A number of tokens as vLLM's flags take it (human_integer.h); kAutomatic for -1 and `auto`, where that
  // may be.
  void tokens(std::string_view key, std::optional<int>& field, Range<std::int64_t> range,
              bool may_be_automatic, Need need = Need::nullable) {
    std::optional<std::int64_t> value = field;
    tokens_field(key, value, range, may_be_automatic, need);
    field = value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  }

  void number(std::string_view key, double& field, Range<double> range) {
    defaulted(field, Need::defaulted, [&](auto& value, Need need) { number_field(key, value, range, need); });
  }
  void number(std::string_view key, std::optional<double>& field, Range<double> range,
              Need need = Need::nullable) {
    number_field(key, field, range, need);
  }
  void required_number(std::string_view key, double& field, Range<double> range) {
    defaulted(field, Need::required, [&](auto& value, Need need) { number_field(key, value, range, need); });
  }

  void boolean(std::string_view key, bool& field) {
    defaulted(field, Need::defaulted, [&](auto& value, Need need) { boolean_field(key, value, need); });
  }
  void boolean(std::string_view key, std::optional<bool>& field, Need need = Need::nullable) {
    boolean_field(key, field, need);
  }

  // `names`: what the text may be; empty for any.
  void text(std::string_view key, std::string& field, Names names = {}) {
    defaulted(field, Need::defaulted, [&](auto& value, Need need) { text_field(key, value, names, need); });
  }
  void text(std::string_view key, std::optional<std::string>& field, Names names = {},
            Need need = Need::nullable) {
    text_field(key, field, names, need);
  }
  void required_text(std::string_view key, std::string& field, Names names = {}) {
    defaulted(field, Need::required, [&](auto& value, Need need) { text_field(key, value, names, need); });
  }

  // A name, or what it would name, written out as a section: that is kept as a text of JSON.
  void required_name_or_section(std::string_view key, std::string& field) {
    defaulted(field, Need::required,
              [&](auto& value, Need need) { name_or_section_field(key, value, need); });
  }

  // False if the value is not one of `names`. Where further keys depend on it, skip_rest() spares the
  // user complaints about those.
  template <class Enum>
  requires std::is_enum_v<Enum>
  bool choice(std::string_view key, Enum& field, Names names, Need need = Need::defaulted) {
    std::optional<std::string> value = std::string(names[static_cast<std::size_t>(field)]);
    if (!text_field(key, value, names, need)) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == *value) field = static_cast<Enum>(i);
    }
    return true;
  }

  // False if a problem was found.
  virtual bool numbers(std::string_view key, std::vector<double>& field, Range<double> range) = 0;

  // Absent, the field keeps what it has; an empty one is not worth a line in a written copy.
  virtual void texts(std::string_view key, std::vector<std::string>& field) = 0;

  // A section that is always meant; absent, its fields keep their defaults.
  template <class Describe>
  void section(std::string_view key, Describe describe, Need need = Need::defaulted) {
    if (!enter(key, true, need)) return;
    describe();
    leave();
  }
  // A section that is meant only where it is given.
  template <class T, class Describe>
  void section(std::string_view key, std::optional<T>& field, Describe describe) {
    if (!enter(key, field.has_value(), Need::nullable)) return;
    if (!field) field.emplace();
    describe(*field);
    leave();
  }
  // A list of sections.
  template <class T, class Describe>
  void list(std::string_view key, std::vector<T>& field, Describe describe) {
    field.resize(enter_list(key, field.size()));
    for (std::size_t i = 0; i < field.size(); ++i) {
      enter_item(i);
      describe(field[i]);
      leave();
    }
    leave_list();
  }

  // The present section's other keys mean nothing, because one that decides about them is wrong.
  virtual void skip_rest() = 0;
  // Whether fields are being filled, rather than written out.
  virtual bool reading() const = 0;
  // Reading: whether the present section has the key, with a value.
  virtual bool has(std::string_view key) const = 0;
  // The user's mistake if `holds` is false; reported at the key. Only readers look at it.
  virtual void check(bool holds, std::string_view key, Problem problem) = 0;

 protected:
  // `field` has a value on entry unless `need` is nullable, and keeps it where nothing is read.
  virtual void integer_field(std::string_view key, std::optional<std::int64_t>& field,
                             Range<std::int64_t> range, Need need) = 0;
  virtual void tokens_field(std::string_view key, std::optional<std::int64_t>& field,
                            Range<std::int64_t> range, bool /*may_be_automatic*/, Need need) {
    integer_field(key, field, range, need);
  }
  virtual void number_field(std::string_view key, std::optional<double>& field, Range<double> range,
                            Need need) = 0;
  virtual void boolean_field(std::string_view key, std::optional<bool>& field, Need need) = 0;
  // False if a problem was found.
  virtual bool text_field(std::string_view key, std::optional<std::string>& field, Names names,
                          Need need) = 0;
  virtual void name_or_section_field(std::string_view key, std::optional<std::string>& field, Need need) {
    text_field(key, field, {}, need);
  }
  // Whether the section's fields are to be described; then leave() follows.
  virtual bool enter(std::string_view key, bool present, Need need) = 0;
  virtual void leave() = 0;
  // The number of items; each is described between enter_item() and leave().
  virtual std::size_t enter_list(std::string_view key, std::size_t size) = 0;
  virtual void enter_item(std::size_t i) = 0;
  virtual void leave_list() = 0;

 private:
  template <class T, class Visit>
  static void defaulted(T& field, Need need, Visit visit) {
    std::optional<T> value = std::move(field);
    visit(value, need);
    field = std::move(*value);
  }
};

}  // namespace blis
