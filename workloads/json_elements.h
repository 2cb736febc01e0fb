// The elements of lists in a file that is one JSON document, one after the other, in memory for one of them.
// Includes simdjson, so for reader sources only.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/bad_row.h"
#include "workloads/line_reader.h"

namespace blis {

class JsonElements {
 public:
  // Those of every list under `key`, wherever it stands, or of the list that the document is, where `key` is
  // empty.
  JsonElements(LineReader lines, std::string_view key);

  // The next one, valid until the next call; false after the last. Throws InputError (io), with its place,
  // where the document is no JSON; of what lies around the lists only brackets and quotes are looked at.
  bool next(simdjson::dom::element& element);

  std::int64_t count() const { return count_; }  // of those that were handed out
  bool found_list() const { return found_list_; }
  // Of the element handed out last.
  Place place() const { return place_; }

  // Throws BadRow at the element handed out last, whose path is `path`, as in "[3].conversations".
  [[noreturn]] void reject(const std::string& path, std::string expected, std::string got) const;

 private:
  void take_plain();  // what means nothing where we are, at once
  bool take(char c);  // whether an element ends with it
  void within_text(char c);
  void between(char c);
  void begin_element(char c);
  void open(char c);
  void close(char c);
  void parse(simdjson::dom::element& element);
  Place here() const { return {.file = lines_.name(), .line = line_, .column = column_}; }
  [[noreturn]] void fail(const char* why) const;

  LineReader lines_;
  std::string wanted_;
  std::string_view piece_;  // of the file, not looked at yet
  std::string open_;        // the brackets around
  std::size_t list_ = 0;    // how many of them are open right within a wanted list; 0 outside
  std::string element_, last_text_, key_;
  bool in_element_ = false, in_text_ = false, escaped_ = false;
  bool needs_comma_ = false, had_comma_ = false, ended_ = false, found_list_ = false;
  std::int64_t line_, column_ = 0, count_ = 0;
  Place place_;
  simdjson::dom::parser parser_;
};

}  // namespace blis
