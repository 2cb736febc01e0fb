// Puts described fields into a tree that the printers of document_text.h turn into YAML or JSON.
#pragma once

#include <string_view>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/fields.h"

namespace blis {

class FieldsWriter final : public Fields {
 public:
  FieldsWriter() : open_{{.kind = Node::Kind::map}} {}

  // The tree of all that was described.
  Node take() { return std::move(open_.front()); }

  bool numbers(std::string_view key, std::vector<double>& field, Range<double> range) override;
  void texts(std::string_view key, std::vector<std::string>& field) override;
  void skip_rest() override {}
  bool reading() const override { return false; }
  bool has(std::string_view) const override { return false; }
  void check(bool, std::string_view, Problem) override {}

 private:
  void integer_field(std::string_view key, std::optional<std::int64_t>& field, Range<std::int64_t> range,
                     Need need) override;
  void number_field(std::string_view key, std::optional<double>& field, Range<double> range,
                    Need need) override;
  void boolean_field(std::string_view key, std::optional<bool>& field, Need need) override;
  bool text_field(std::string_view key, std::optional<std::string>& field, Names names, Need need) override;
  void name_or_section_field(std::string_view key, std::optional<std::string>& field, Need need) override;
  bool enter(std::string_view key, bool present, Need need) override;
  void leave() override;
  std::size_t enter_list(std::string_view key, std::size_t size) override;
  void enter_item(std::size_t i) override;
  void leave_list() override { leave(); }

  void put_scalar(std::string_view key, std::string text, bool quoted);
  void put_null(std::string_view key, Need need);

  std::vector<Node> open_;  // the lists and maps being filled, outermost first
};

}  // namespace blis
