#include "tools/study/compare/shard_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "scenarios/document.h"
#include "tools/output/json_writer.h"
#include "tools/output/output_file.h"
#include "tools/output/strict_json.h"
#include "workloads/random.h"

namespace blis {
namespace {

namespace fs = std::filesystem;
constexpr const char* kShardSchema = "blis-compare-shard/1";

std::string hex(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}
std::uint64_t hash_in(const nlohmann::json& json, const char* key) {
  const auto text = json.at(key).get<std::string>();
  std::uint64_t hash = 0;
  std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  return hash;
}

ShardRecord read_record(const std::string& file) {
  try {
    const auto json = parse_strict_json<nlohmann::json>(read_file(file, "record of a shard"), {file});
    if (json.at("schema") == kShardSchema) {
      return {.sweep = {.version = json.at("blis_version").get<std::string>(),
                        .settings = hash_in(json, "settings"),
                        .files = hash_in(json, "files"),
                        .catalog = hash_in(json, "catalog")},
              .shard = {json.at("shard").get<std::size_t>(), json.at("of").get<std::size_t>()},
              .points = json.at("points").get<std::size_t>()};
    }
  } catch (const nlohmann::json::exception&) {
  }
  throw InputError(ErrorKind::usage, {.place = {.file = file},
                                      .message = "this is no record of a shard",
                                      .expected = "what `blis compare --shard` wrote"});
}

void require_same(const SweepIdentity& ours, const SweepIdentity& theirs, const std::string& file) {
  const auto refuse = [&](std::string message, std::string hint) {
    throw InputError(ErrorKind::usage,
                     {.place = {.file = file}, .message = std::move(message), .hint = std::move(hint)});
  };
  if (theirs.version != ours.version) {
    refuse(fmt::format("this shard was made by blis {}, and this is {}", theirs.version, ours.version),
           "merge with the version that simulated, or simulate again");
  }
  if (theirs.settings != ours.settings) {
    refuse("this shard is of another comparison",
           "give the scenarios, the sweep and the flags that the shards were given");
  }
  if (theirs.files != ours.files) {
    refuse("this shard is of other files: a trace, or another file that the scenario names, differs here",
           "merge where the files are those that were simulated");
  }
  if (theirs.catalog != ours.catalog) {
    refuse("this shard was made with other catalogs: the model's, the GPU's or the error bands' differ here",
           "merge with the catalogs that were used (--data-dir), or simulate again");
  }
}

}  // namespace

SweepIdentity identity_of(const CompareReport& report, PointNames& names) {
  std::string settings, files, catalog;
  for (const std::uint64_t seed : report.sweep.seeds) settings += fmt::format("{} ", seed);
  for (const PointResult& point : report.points) {
    if (!point.resolved) {
      settings += "- ";
      continue;
    }
    const PointInputs inputs = names.inputs(*point.resolved);
    settings += fmt::format("{:x}:{} ", inputs.settings, point.resolved->scenario.seed);
    files += fmt::format("{:x} ", inputs.files);
    catalog += fmt::format("{:x} ", inputs.catalog);
  }
  return {.version = std::string(version()),
          .settings = hash_of_text(settings),
          .files = hash_of_text(files),
          .catalog = hash_of_text(catalog)};
}

void write_shard_record(const std::string& folder, const ShardRecord& record) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", kShardSchema).member("blis_version", record.sweep.version);
  json.member("settings", hex(record.sweep.settings)).member("files", hex(record.sweep.files));
  json.member("catalog", hex(record.sweep.catalog));
  json.member("shard", record.shard.index).member("of", record.shard.count);
  json.member("points", record.points).end_object();
  write_file(fmt::format("{}/shards/{}-of-{}.json", folder, record.shard.index, record.shard.count),
             text + "\n");
}

std::vector<ShardRecord> read_shard_records(const std::string& folder, const SweepIdentity& sweep) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder + "/shards", ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  std::ranges::sort(files);
  std::vector<ShardRecord> records;
  for (const std::string& file : files) {
    records.push_back(read_record(file));
    require_same(sweep, records.back().sweep, file);
  }
  return records;
}

}  // namespace blis
