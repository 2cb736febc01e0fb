// Writes JSON into a string as it goes, indented by two; numbers in their shortest exact form.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace blis {

// In quotes, as JSON and YAML write it. What is no UTF-8 becomes U+FFFD, and what a terminal would act on an
// escape, so that a result can be shown as it is.
void append_quoted(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  // A flat list is written on one line.
  JsonWriter& begin_list(bool flat = false);
  JsonWriter& end_list() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
  JsonWriter& value(double number);  // null if not finite
  template <std::integral T>
  JsonWriter& value(T number) {
    return integer(static_cast<std::int64_t>(number));
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& optional) {
    return optional ? value(*optional) : raw("null");
  }
  JsonWriter& raw(std::string_view json);  // a value that is JSON already

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& integer(std::int64_t number);
  void separate();
  void new_line();

  std::string& out_;
  int depth_ = 0;
  int flat_from_ = 0;  // depth from which on everything is on one line; 0: nowhere
  bool first_ = true;  // nothing in the present object or list yet
  bool after_key_ = false;
};

}  // namespace blis
