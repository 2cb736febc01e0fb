// Fills described fields from a document, strictly, and notes where each value came from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/fields.h"
#include "scenarios/scenario.h"

namespace blis {

class FieldsReader final : public Fields {
 public:
  // `origins` gets an entry for each value that the document has.
  FieldsReader(DocumentReader& document, Origins& origins) : origins_(origins), open_{document.root()} {}

  // Reports what nobody described at the top. Call it last, then DocumentReader::check().
  void finish() { open_.back().finish(); }

  bool numbers(std::string_view key, std::vector<double>& field, Range<double> range) override;
  void texts(std::string_view key, std::vector<std::string>& field) override;
  void skip_rest() override { open_.back().allow_other_keys(); }
  bool reading() const override { return true; }
  bool has(std::string_view key) const override { return open_.back().given(key); }
  void check(bool holds, std::string_view key, Problem problem) override;

 private:
  void integer_field(std::string_view key, std::optional<std::int64_t>& field, Range<std::int64_t> range,
                     Need need) override;
  void tokens_field(std::string_view key, std::optional<std::int64_t>& field, Range<std::int64_t> range,
                    bool may_be_automatic, Need need) override;
  void number_field(std::string_view key, std::optional<double>& field, Range<double> range,
                    Need need) override;
  void boolean_field(std::string_view key, std::optional<bool>& field, Need need) override;
  bool text_field(std::string_view key, std::optional<std::string>& field, Names names, Need need) override;
  void name_or_section_field(std::string_view key, std::optional<std::string>& field, Need need) override;
  bool enter(std::string_view key, bool present, Need need) override;
  void leave() override;
  std::size_t enter_list(std::string_view key, std::size_t size) override;
  void enter_item(std::size_t i) override;
  void leave_list() override { lists_.pop_back(); }

  Section& top() { return open_.back(); }
  void note_origin(std::string_view key);

  Origins& origins_;
  std::vector<Section> open_;  // the sections being described, outermost first
  std::vector<std::vector<Section>> lists_;
};

}  // namespace blis
