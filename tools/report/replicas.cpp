#include "tools/report/replicas.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/utf8.h"
#include "tools/output/text_table.h"

namespace blis {
namespace {

using Replicas = std::vector<ReplicaFigures>;

// From the first arrival to the last answer.
Duration whole_time(const RunResult& run) {
  Time last{};
  for (const RequestRecord& r : run.requests) {
    if (departure(r) != kUnset) last = std::max(last, departure(r));
  }
  return run.requests.empty() ? Duration{0} : last - run.requests[0].arrival;
}

void count(Replicas& replicas, const RequestRecord& r) {
  if (r.replica >= replicas.size() || r.queued == kUnset) return;  // it reached none
  ReplicaFigures& figures = replicas[r.replica];
  ++figures.requests;
  if (!has_full_answer(r)) return;
  ++figures.completed;
  figures.total_input_tokens += r.input_tokens;
  figures.total_output_tokens += r.output_tokens;
}

void add_engine(ReplicaFigures& figures, const RunReport& report, EngineIndex i, Duration whole) {
  const EngineResult& engine = report.run.engines[i];
  const StepSummary::EngineFigures did = report.steps.engine_figures(report.run, i);
  figures.steps = static_cast<std::int64_t>(engine.steps.size());
  figures.preemptions = engine.preemptions;
  if (engine.prefix.queries > 0) {
    figures.prefix_hit_rate =
        static_cast<double>(engine.prefix.hits) / static_cast<double>(engine.prefix.queries);
  }
  if (whole > Duration{0}) {
    const auto ns = static_cast<double>(whole.count());
    figures.busy = std::min(1.0, static_cast<double>(did.busy.count()) / ns);
    figures.load = did.batch_time / ns;
  }
  figures.batch_mean = did.batch_mean;
  figures.kv_usage_mean = did.kv_usage_mean;
  figures.kv_usage_peak = did.kv_usage_peak;
}

template <class T>
double most_over_mean(std::span<const ReplicaFigures> pool, T ReplicaFigures::*field) {
  double most = 0, sum = 0;
  for (const ReplicaFigures& replica : pool) {
    const auto value = static_cast<double>(replica.*field);
    most = std::max(most, value);
    sum += value;
  }
  return sum > 0 ? most * static_cast<double>(pool.size()) / sum : 1;
}

struct ReplicaColumn {
  const char* heading;
  double (*of)(const ReplicaFigures&);
  int decimals;
};
constexpr ReplicaColumn kReplicaColumns[] = {
    {"requests", [](const ReplicaFigures& r) { return static_cast<double>(r.requests); }, 0},
    {"input tok", [](const ReplicaFigures& r) { return static_cast<double>(r.total_input_tokens); }, 0},
    {"output tok", [](const ReplicaFigures& r) { return static_cast<double>(r.total_output_tokens); }, 0},
    {"hit %", [](const ReplicaFigures& r) { return 100 * r.prefix_hit_rate; }, 1},
    {"load", [](const ReplicaFigures& r) { return r.load; }, 2},
    {"busy %", [](const ReplicaFigures& r) { return 100 * r.busy; }, 1},
    {"KV peak %", [](const ReplicaFigures& r) { return 100 * r.kv_usage_peak; }, 1},
};

// Names of rows, and a cell of each for every column.
struct Rows {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> cells{std::size(kReplicaColumns)};
};

void add_each(Rows& rows, std::span<const ReplicaFigures> pool, std::size_t first,
              const std::string& prefix) {
  for (std::size_t i = 0; i < pool.size(); ++i) rows.names.push_back(fmt::format("{}{}", prefix, first + i));
  for (std::size_t c = 0; c < std::size(kReplicaColumns); ++c) {
    for (const ReplicaFigures& replica : pool) {
      rows.cells[c].push_back(
          fmt::format("{:.{}f}", kReplicaColumns[c].of(replica), kReplicaColumns[c].decimals));
    }
  }
}

void add_extremes(Rows& rows, std::span<const ReplicaFigures> pool, const std::string& prefix) {
  for (const char* const name : {"least", "mean", "most"}) rows.names.push_back(prefix + name);
  for (std::size_t c = 0; c < std::size(kReplicaColumns); ++c) {
    const ReplicaColumn& column = kReplicaColumns[c];
    double least = column.of(pool[0]), most = least, sum = 0;
    for (const ReplicaFigures& replica : pool) {
      const double value = column.of(replica);
      least = std::min(least, value);
      most = std::max(most, value);
      sum += value;
    }
    for (const double value : {least, sum / static_cast<double>(pool.size()), most}) {
      rows.cells[c].push_back(fmt::format("{:.{}f}", value, column.decimals));
    }
  }
}

}  // namespace

Replicas replica_figures(const RunReport& report) {
  const std::size_t replicas = report.run.engines.size();
  if (replicas < 2) return {};
  Replicas all(replicas);
  PastWarmup past(report.options());
  for (const RequestRecord& r : report.run.requests) {
    if (past(r)) count(all, r);
  }
  const RequestIndex first = first_measured(report.run, report.options());
  for (std::size_t i = 0; i < report.run.legs.records.size(); ++i) {
    if (report.run.legs.requests[i] >= first) count(all, report.run.legs.records[i]);
  }
  const Duration whole = whole_time(report.run);
  for (std::size_t i = 0; i < replicas; ++i) {
    if (i < report.pools.size()) all[i].pool = report.pools[i];
    add_engine(all[i], report, static_cast<EngineIndex>(i), whole);
  }
  return all;
}

std::vector<Imbalance> imbalances(const Replicas& replicas) {
  std::vector<Imbalance> result;
  for (const auto pool : by_pool(std::span<const ReplicaFigures>(replicas))) {
    result.push_back({.pool = pool[0].pool,
                      .load = most_over_mean(pool, &ReplicaFigures::load),
                      .requests = most_over_mean(pool, &ReplicaFigures::requests),
                      .total_output_tokens = most_over_mean(pool, &ReplicaFigures::total_output_tokens)});
  }
  return result;
}

void write_replicas(JsonWriter& json, const RunReport& report) {
  const Replicas replicas = replica_figures(report);
  if (replicas.empty()) return;
  const auto pool = [&json](const std::string& name) {
    if (!name.empty()) json.member("pool", std::string_view(name));
  };
  json.key("replicas").begin_list();
  for (const ReplicaFigures& r : replicas) {
    json.begin_object();
    pool(r.pool);
    json.member("requests", r.requests).member("completed", r.completed);
    json.member("total_input_tokens", r.total_input_tokens);
    json.member("total_output_tokens", r.total_output_tokens);
    json.member("steps", r.steps).member("preemptions", r.preemptions);
    json.member("prefix_hit_rate", r.prefix_hit_rate).member("load", r.load);
    json.member("busy", r.busy);
    json.member("batch_mean", r.batch_mean).member("kv_usage_mean", r.kv_usage_mean);
    json.member("kv_usage_peak", r.kv_usage_peak).end_object();
  }
  json.end_list().key("imbalance").begin_list();
  for (const Imbalance& imbalance : imbalances(replicas)) {
    json.begin_object();
    pool(imbalance.pool);
    json.member("load", imbalance.load).member("requests", imbalance.requests);
    json.member("total_output_tokens", imbalance.total_output_tokens).end_object();
  }
  json.end_list();
}

std::string replicas_text(const Replicas& replicas) {
  Rows rows;
  for (const auto pool : by_pool(std::span<const ReplicaFigures>(replicas))) {
    const std::string prefix = pool[0].pool.empty() ? "" : printable(pool[0].pool) + " ";
    const auto first = static_cast<std::size_t>(pool.data() - replicas.data());
    pool.size() > kReplicasShown ? add_extremes(rows, pool, prefix) : add_each(rows, pool, first, prefix);
  }
  const std::size_t count = rows.names.size();
  std::vector<TextColumn> columns{{"replica", std::move(rows.names), 0, true}};
  for (std::size_t c = 0; c < std::size(kReplicaColumns); ++c) {
    columns.push_back({kReplicaColumns[c].heading, std::move(rows.cells[c]), 0, false});
  }
  return fit_table(std::move(columns), count, 0).text;
}

}  // namespace blis
