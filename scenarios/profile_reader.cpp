#include "scenarios/profile_reader.h"

#include <array>
#include <filesystem>

#include "scenarios/document.h"
#include "workloads/csv_rows.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

double time_of(const CsvRows& rows, std::size_t column) {
  const double us = rows.real(column);
  if (!(us > 0)) rows.reject(column, "a time must be positive", "microseconds above 0");
  return us;
}

void read_layers(CsvRows& rows, ProfileTables& tables) {
  const std::size_t layer = rows.column("layer"), tokens = rows.column("tokens"), us = rows.column("time_us");
  while (rows.next()) {
    tables.layers.push_back({std::string(rows.text(layer)),
                             static_cast<double>(rows.integer(tokens, kTokenRange)), time_of(rows, us)});
  }
}

void read_batches(CsvRows& rows, std::size_t us, std::vector<BatchSample>& samples) {
  const std::size_t chunk = rows.column("prefill_chunk"), context = rows.column("kv_prefill");
  const std::size_t decodes = rows.column("n_decode"), decode_context = rows.column("kv_decode");
  const auto number = [&](std::size_t column) {
    return static_cast<double>(rows.integer(column, kTokensOrNone));
  };
  while (rows.next()) {
    samples.push_back(
        {{number(chunk), number(context), number(decodes), number(decode_context)}, time_of(rows, us)});
  }
}

void read_table(const std::string& path, ProfileTables& tables) {
  CsvRows rows{LineReader(path)};
  if (rows.find_column("layer")) {
    read_layers(rows, tables);
  } else if (const auto step_us = rows.find_column("step_us")) {
    read_batches(rows, *step_us, tables.steps);
  } else {
    read_batches(rows, rows.column("time_us"), tables.attention);
  }
}

}  // namespace

ProfileTables read_profile(const std::string& path) {
  ProfileTables tables;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    bool any = false;
    for (const char* const name : {"dense.csv", "attention.csv", "steps.csv"}) {
      if (!is_file((fs::path(path) / name).string())) continue;
      read_table((fs::path(path) / name).string(), tables);
      any = true;
    }
    if (any) return tables;
    throw InputError(ErrorKind::io, {.place = {path},
                                     .message = "no profile in this folder",
                                     .expected = "dense.csv, attention.csv or steps.csv"});
  }
  read_table(path, tables);
  constexpr std::string_view kDense = "dense.csv";
  if (path.ends_with(kDense)) {
    const std::string partner = path.substr(0, path.size() - kDense.size()) + "attention.csv";
    if (is_file(partner)) read_table(partner, tables);
  }
  return tables;
}

}  // namespace blis
