#include "tools/report/html_report.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "blis/error.hpp"
#include "blis/version.hpp"
#include "scenarios/document.h"
#include "tools/output/strict_json.h"
#include "tools/report/html_page.h"
#include "tools/report/length_cells.h"
#include "tools/report/slowest_requests.h"

namespace blis {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kSlowest = 25;

// What --save-detailed adds, as long as the run.
constexpr std::array<std::string_view, 7> kLists{"input_lens",  "output_lens",     "ttfts", "itls",
                                                 "start_times", "generated_texts", "errors"};

// Drops the long lists while they are read.
bool is_no_list(int depth, ordered_json::parse_event_t event, ordered_json& parsed) {
  if (event != ordered_json::parse_event_t::key || depth != 1) return true;
  for (const std::string_view list : kLists) {
    if (parsed == list) return false;
  }
  return true;
}

// Takes from the points what they do not have: most of an infeasible one. Of their replications stays how
// many there are, and were overloaded.
void drop_nulls(ordered_json& comparison) {
  for (ordered_json& point : comparison.at("points").get_ref<ordered_json::array_t&>()) {
    ordered_json there = ordered_json::object();
    for (auto& [key, value] : point.get_ref<ordered_json::object_t&>()) {
      if (key == "replications") {
        there["seeds"] = value.size();
        there["overloaded_seeds"] = std::ranges::count_if(
            value, [](const ordered_json& run) { return run.value("overloaded", false); });
      } else if (!value.is_null()) {
        there[key] = std::move(value);
      }
    }
    point = std::move(there);
  }
}

ordered_json read_json(const std::string& path, const ordered_json::parser_callback_t& keep = nullptr) {
  return parse_strict_json<ordered_json>(read_file(path, "result"), {path}, ErrorKind::io, keep);
}

bool has(const std::string& folder, const char* file) {
  std::error_code error;
  return std::filesystem::exists(folder + "/" + file, error);
}

std::string text_of(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// What a result leaves out of every statistic, as its scenario says.
MetricsOptions warmup_of(const ordered_json& result) {
  MetricsOptions options;
  const ordered_json warmup = result.value("/scenario/warmup"_json_pointer, ordered_json::object());
  if (!warmup.is_object()) return options;
  if (const auto found = warmup.find("requests"); found != warmup.end() && found->is_number_unsigned()) {
    options.warmup_requests = found->get<std::uint32_t>();
  }
  if (const auto found = warmup.find("duration_s"); found != warmup.end() && found->is_number()) {
    options.warmup = to_duration(Seconds(found->get<double>()));
  }
  return options;
}

// Throws InputError (io) for a file that is no object, or says to be something else.
ordered_json read_schema(const std::string& path, const char* schema,
                         const ordered_json::parser_callback_t& keep = nullptr) {
  ordered_json json = read_json(path, keep);
  if (json.is_object() && json.contains("schema") && json["schema"] == schema) return json;
  throw InputError(ErrorKind::io,
                   Problem{.place = {.file = path},
                           .message = "is no file that this version draws",
                           .expected = std::string("the schema ") + schema,
                           .got = json.is_object() && json.contains("schema") ? json["schema"].dump() : ""});
}

ordered_json document_of(const std::string& folder) {
  ordered_json document;
  document["blis_version"] = version();
  if (has(folder, "result.json")) {
    document["kind"] = "run";
    document["result"] = read_schema(folder + "/result.json", "blis-result/1", is_no_list);
    document["series"] = read_json(folder + "/series.json");
    document["meta"] = read_json(folder + "/meta.json");
    LengthCells lengths;
    document["slowest"] = slowest_requests(folder + "/requests.csv", kSlowest, warmup_of(document["result"]),
                                           [&](const RequestRecord& request) { lengths.add(request); });
    document["lengths"] = lengths.json();
    document["yaml"] = read_file(folder + "/scenario.resolved.yaml", "resolved scenario");
  } else if (has(folder, "compare.json")) {
    document["kind"] = "compare";
    document["compare"] = read_schema(folder + "/compare.json", "blis-compare/1");
    drop_nulls(document["compare"]);
    if (has(folder, "meta.json")) document["compare"]["meta"] = read_json(folder + "/meta.json");
  } else {
    throw InputError(ErrorKind::io, Problem{.place = {.file = folder},
                                            .message = "holds no result",
                                            .expected = "a folder with result.json or compare.json",
                                            .hint = "`blis run SCENARIO.yaml -o FOLDER` makes one"});
  }
  return document;
}

}  // namespace

ordered_json report_document(const std::string& folder) {
  try {
    return document_of(folder);
  } catch (const ordered_json::exception& error) {  // JSON, but not of a result
    throw InputError(ErrorKind::io, Problem{.place = {.file = folder},
                                            .message = "is damaged, or not what its files' names say",
                                            .expected = "a folder as blis writes it",
                                            .got = error.what()});
  }
}

std::string html_report(const ordered_json& document) {
  std::string title = "BLIS comparison";
  if (document["kind"] == "run") {
    const ordered_json& result = document["result"];
    const auto scenario = result.find("scenario");
    const std::string name = scenario != result.end() ? text_of(*scenario, "name") : "";
    title = name.empty() ? "BLIS report" : name + " - BLIS report";
  }
  return html_page(title, document.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace blis
