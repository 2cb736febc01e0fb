// Which column of a log holds what: as the user says, else by the names that logs use.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "workloads/column_mapping.h"

namespace blis {

class LogRows;

struct LogColumns {
  std::optional<std::size_t> arrival;
  std::size_t input = 0, output = 0;
  std::optional<std::size_t> session, priority;
};

// Throws InputError (io) for a name that no column has, and where no column is known to hold lengths: then
// with the names there are and the likeliest mapping as a command.
LogColumns find_columns(const LogRows& rows, const ColumnMapping& mapping);

// Without regard to case. Throws InputError (io) with the nearest name if there is none.
std::size_t column_named(const LogRows& rows, std::string_view name);

// What to do about a log without a column of times: the names there are, and the command that names the
// likeliest.
std::string hint_for_times(const LogRows& rows, const LogColumns& found);

// Usual names of prompt and output lengths and of arrivals, compared by letters and digits alone.
bool is_input_name(std::string_view name);
bool is_output_name(std::string_view name);
bool is_arrival_name(std::string_view name);

}  // namespace blis
