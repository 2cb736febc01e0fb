#include "tools/report/client_figures.h"

#include <fmt/format.h>

namespace blis {
namespace {

const ClientSpec& spec_of(const RunReport& report, std::size_t client) {
  return std::get<SyntheticSpec>(report.scenario.workload.spec.kind).clients[client];
}

void statistics(JsonWriter& json, std::string_view name, const Stats& s) {
  json.member(fmt::format("mean_{}_ms", name), s.mean).member(fmt::format("median_{}_ms", name), s.median);
  json.member(fmt::format("p90_{}_ms", name), s.p90).member(fmt::format("p99_{}_ms", name), s.p99);
}

}  // namespace

std::string client_title(const RunReport& report, std::size_t client) {
  const ClientSpec& spec = spec_of(report, client);
  return spec.slo_class.empty() ? spec.name : fmt::format("{} ({})", spec.name, spec.slo_class);
}

void write_clients(JsonWriter& json, const RunReport& report) {
  if (report.clients.empty()) return;
  json.key("clients").begin_list();
  for (std::size_t i = 0; i < report.clients.size(); ++i) {
    const ClientSpec& spec = spec_of(report, i);
    const Metrics& m = report.clients[i];
    json.begin_object().member("name", std::string_view(spec.name));
    json.key("slo_class");
    spec.slo_class.empty() ? json.raw("null") : json.value(std::string_view(spec.slo_class));
    json.member("completed", m.completed).member("failed", m.failed);
    json.member("total_input_tokens", m.total_input_tokens);
    json.member("total_output_tokens", m.total_output_tokens);
    json.member("request_throughput", m.request_throughput);
    json.member("goodput_attainment", m.attainment);
    statistics(json, "ttft", m.ttft);
    statistics(json, "tpot", m.tpot);
    statistics(json, "e2el", m.e2el);
    statistics(json, "queue", m.queue);
    json.end_object();
  }
  json.end_list();
}

}  // namespace blis
