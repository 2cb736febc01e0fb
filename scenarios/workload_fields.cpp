// The keys of `workload:`. What its values must satisfy together is checked by workloads/check_spec.h.
#include "scenarios/choices.h"
#include "scenarios/scenario_fields.h"

namespace blis {
namespace {

constexpr Range<double> kSeconds{.low = 0, .high = 1e9};
constexpr Range<double> kPositiveSeconds{.low = 0, .high = 1e9, .low_open = true};
constexpr Range<double> kRate{.low = 0, .high = 1e6, .low_open = true};
constexpr Range<double> kRateOrNone{.low = 0, .high = 1e6};
constexpr Range<double> kQuantity{.low = 0, .high = 1e9};  // tokens, turns or seconds

void describe(Fields& f, Distribution& d) {
  using Kind = Distribution::Kind;
  if (!f.choice("distribution", d.kind, kDistributions, Need::required)) return f.skip_rest();
  switch (d.kind) {
    case Kind::constant:
      f.required_number("value", d.value, kQuantity);
      break;
    case Kind::normal:
    case Kind::lognormal:
      f.required_number("mean", d.mean, d.kind == Kind::lognormal ? kPositive : kQuantity);
      f.required_number("stddev", d.stddev, kQuantity);
      break;
    case Kind::exponential:
      f.required_number("mean", d.mean, kPositive);
      break;
    case Kind::zipf:
      f.required_number("exponent", d.exponent, {.low = 0, .high = 100});
      break;
    case Kind::empirical:
      f.required_text("path", d.path);
      break;
    case Kind::quantiles:
      f.list("points", d.points, [&](Distribution::Quantile& point) {
        f.required_number("share", point.share, {.low = 0, .high = 1});
        f.required_number("value", point.value, kQuantity);
      });
      break;
    case Kind::uniform:
      break;
  }
  const bool bounded = d.kind == Kind::uniform || d.kind == Kind::zipf;
  f.number("min", d.min, kQuantity, bounded ? Need::required : Need::rare);
  f.number("max", d.max, kQuantity, bounded ? Need::required : Need::rare);
}

// A distribution under `key`; required where the reader needs it.
void distribution(Fields& f, std::string_view key, Distribution& d, Need need = Need::required) {
  f.section(
      key, [&] { describe(f, d); }, need);
}

void describe(Fields& f, RateCurve& curve) {
  using Kind = RateCurve::Kind;
  if (!f.choice("kind", curve.kind, kRateCurves, Need::required)) return f.skip_rest();
  switch (curve.kind) {
    case Kind::constant:
      break;
    case Kind::on_off:
      f.required_number("on_s", curve.on_s, kPositiveSeconds);
      f.required_number("off_s", curve.off_s, kPositiveSeconds);
      f.number("off_rate", curve.off_rate, kRateOrNone);
      f.boolean("random", curve.random);
      break;
    case Kind::mmpp:
      f.list("states", curve.states, [&](RateCurve::State& state) {
        f.required_number("request_rate", state.request_rate, kRateOrNone);
        f.required_number("hold_s", state.hold_s, kPositiveSeconds);
      });
      break;
    case Kind::piecewise:
      f.list("points", curve.points, [&](RateCurve::Point& point) {
        f.required_number("at_s", point.at_s, kSeconds);
        f.required_number("request_rate", point.request_rate, kRateOrNone);
      });
      f.boolean("steps", curve.steps);
      f.number("repeat_s", curve.repeat_s, kPositiveSeconds, Need::rare);
      f.boolean("exact", curve.exact);
      break;
    case Kind::diurnal:
      f.number("period_s", curve.period_s, kPositiveSeconds);
      f.required_number("amplitude", curve.amplitude, kShare);
      f.number("peak_s", curve.peak_s, kSeconds);
      break;
  }
}

void describe(Fields& f, ArrivalSpec& arrival) {
  using Process = ArrivalSpec::Process;
  using Curve = RateCurve::Kind;
  if (!f.choice("process", arrival.process, kArrivalProcesses, Need::required)) return f.skip_rest();
  const bool gaps = arrival.process == Process::poisson || arrival.process == Process::gamma ||
                    arrival.process == Process::weibull || arrival.process == Process::constant;
  if (gaps && (f.reading() ? f.has("curve") : arrival.curve.kind != Curve::constant)) {
    f.section("curve", [&] { describe(f, arrival.curve); });
  }
  const bool rate_from_curve = arrival.curve.kind == Curve::mmpp || arrival.curve.kind == Curve::piecewise;
  if (gaps && !rate_from_curve) f.required_number("request_rate", arrival.request_rate, kRate);
  if (arrival.process == Process::gamma)
    f.required_number("burstiness", arrival.burstiness, {.low = 1e-6, .high = 1e6});
  if (arrival.process == Process::weibull)
    f.required_number("shape", arrival.shape, {.low = 0.01, .high = 1e6});
  if (arrival.process == Process::normalized_exponential) {
    if (f.reading() ? f.has("stages") : !arrival.stages.empty()) {
      f.list("stages", arrival.stages, [&](ArrivalSpec::Stage& stage) {
        f.required_number("request_rate", stage.request_rate, kRate);
        f.required_number("duration_s", stage.duration_s, kPositiveSeconds);
      });
      f.number("drain_gap_s", arrival.drain_gap_s, kSeconds);
    } else {
      f.required_number("request_rate", arrival.request_rate, kRate);
    }
  }
  if (arrival.process == Process::closed_loop) {
    f.required_integer("users", arrival.users, {1, 10'000'000});
    f.number("ramp_up_s", arrival.ramp_up_s, kSeconds);
  }
  if (arrival.process == Process::servegen) f.required_text("path", arrival.path);
}

void describe(Fields& f, FlowSpec& flow) {
  f.integer("priority", flow.priority, {-1'000'000, 1'000'000});
  if (f.reading() ? f.has("fairness_id") : !flow.fairness_id.empty()) f.text("fairness_id", flow.fairness_id);
  f.number("slo_ttft_ms", flow.slo_ttft_ms, {.low = 0, .high = 1e9}, Need::rare);
}

// `listed`: one of several, with a name and a share of the arrivals or arrivals of its own.
void describe(Fields& f, ClientSpec& client, bool listed) {
  if (listed) {
    f.required_text("name", client.name);
    f.number("share", client.share, kPositiveShare, Need::rare);
    f.section("arrival", client.arrival, [&](ArrivalSpec& arrival) { describe(f, arrival); });
  }
  if (f.reading() ? f.has("lengths_path") : !client.lengths_path.empty()) {
    f.text("lengths_path", client.lengths_path);
  } else {
    distribution(f, "input_tokens", client.input_tokens);
    distribution(f, "output_tokens", client.output_tokens);
  }
  f.section("prefix", client.prefix, [&](PrefixSpec& prefix) {
    f.integer("groups", prefix.groups, {1, 10'000'000});
    distribution(f, "tokens", prefix.tokens);
    f.boolean("within_input", prefix.within_input);
  });
  f.section("prompts", client.prompts, [&](PromptPoolSpec& prompts) {
    f.required_integer("pool", prompts.pool, {1, 10'000'000});
    f.choice("order", prompts.order, kPromptOrders);
  });
  f.section("session", client.session, [&](SessionSpec& session) {
    distribution(f, "turns", session.turns);
    distribution(f, "think_time_s", session.think_time_s);
    f.integer("max_context_tokens", session.max_context_tokens, kTokenCount, Need::rare);
  });
  f.integer("priority", client.priority, {-1'000'000, 1'000'000});
  f.section("flow", client.flow, [&](FlowSpec& flow) { describe(f, flow); });
  if (f.reading() ? f.has("slo_class") : !client.slo_class.empty()) f.text("slo_class", client.slo_class);
  f.number("timeout_s", client.timeout_s, kPositiveSeconds, Need::rare);
  f.integer("max_tokens", client.max_tokens, kTokenCount, Need::rare);
  f.section("images", client.images, [&](ImagesSpec& images) {
    distribution(f, "count", images.count);
    distribution(f, "tokens", images.tokens);
    f.integer("pool", images.pool, {1, 10'000'000}, Need::rare);
  });
  f.texts("loras", client.loras);
  if (f.reading() || client.structured_output > 0) {
    f.number("structured_output", client.structured_output, kShare);
  }
}

void describe(Fields& f, SyntheticSpec& synthetic) {
  f.integer("num_requests", synthetic.num_requests, kCount, Need::rare);
  f.number("duration_s", synthetic.duration_s, kPositiveSeconds, Need::rare);
  f.check(!synthetic.num_requests || !synthetic.duration_s, "duration_s",
          {.message = "a synthetic workload has two ends", .expected = "`num_requests` or `duration_s`"});
  f.section("arrival", synthetic.arrival, [&](ArrivalSpec& arrival) { describe(f, arrival); });
  const bool one_unnamed = synthetic.clients.size() == 1 && synthetic.clients[0].name.empty();
  const bool listed = f.reading() ? f.has("clients") : !one_unnamed;
  if (listed) {
    f.list("clients", synthetic.clients, [&](ClientSpec& client) { describe(f, client, true); });
  } else {
    synthetic.clients.resize(1);
    describe(f, synthetic.clients[0], false);
  }
  f.integer("max_concurrency", synthetic.max_concurrency, kCount, Need::rare);
}

void describe(Fields& f, LogView& log) {
  constexpr static std::array<std::string_view, 4> kUnits{"s", "ms", "us", "ns"};
  f.section("columns", [&] {
    ColumnMapping& columns = log.columns;
    f.text("arrival", columns.arrival, {}, Need::rare);
    f.text("input", columns.input, {}, Need::rare);
    f.text("output", columns.output, {}, Need::rare);
    f.text("session", columns.session, {}, Need::rare);
    f.text("priority", columns.priority, {}, Need::rare);
    f.text("unit", columns.unit, kUnits, Need::rare);
  });
  f.texts("where", log.where);
}

void describe(Fields& f, TraceSpec& trace) {
  f.required_text("path", trace.path);
  f.text("format", trace.format, trace_format_names());
  describe(f, trace.log);
  f.number("time_scale", trace.time_scale, {.low = 1e-6, .high = 1e6});
  f.integer("limit", trace.limit);
  f.number("start_s", trace.start_s, kSeconds);
  f.number("end_s", trace.end_s, kPositiveSeconds, Need::rare);
  f.number("dither_ms", trace.dither_ms, {.low = 0, .high = 1e9});
  f.boolean("sort", trace.sort);
  f.boolean("skip_bad_rows", trace.skip_bad_rows);
  f.section("arrival", trace.arrival, [&](ArrivalSpec& arrival) { describe(f, arrival); });
  f.boolean("closed_loop_sessions", trace.closed_loop_sessions);
  f.number("tokens_per_image", trace.tokens_per_image, kQuantity, Need::rare);
  f.number("chars_per_token", trace.chars_per_token, kPositive, Need::rare);
  f.integer("output_tokens", trace.output_tokens, kTokenCount, Need::rare);
  f.integer("priority", trace.priority, {-1'000'000, 1'000'000});
  f.section("flow", trace.flow, [&](FlowSpec& flow) { describe(f, flow); });
  f.number("timeout_s", trace.timeout_s, kPositiveSeconds, Need::rare);
  f.integer("max_concurrency", trace.max_concurrency, kCount, Need::rare);
}

}  // namespace

void describe_distribution(Fields& f, std::string_view key, std::optional<Distribution>& distribution) {
  f.section(key, distribution, [&](Distribution& d) { describe(f, d); });
}

void describe(Fields& f, WorkloadSpec& workload) {
  enum class Kind { trace, synthetic };
  constexpr static std::array<std::string_view, 2> kKinds{"trace", "synthetic"};
  Kind kind = static_cast<Kind>(workload.kind.index());
  if (!f.choice("kind", kind, kKinds, Need::required)) return f.skip_rest();
  if (f.reading() && kind == Kind::synthetic) workload.kind.emplace<SyntheticSpec>();
  std::visit([&](auto& spec) { describe(f, spec); }, workload.kind);
}

void describe(Fields& f, WorkloadSettings& workload) {
  describe(f, workload.spec);
  f.choice("over_length", workload.over_length, kOverLengths);
  f.number("client_startup_s", workload.client_startup_s, kSeconds, Need::rare);
  f.section("sampling", [&] {
    f.number("top_p", workload.sampling.top_p, kPositiveShare);
    f.integer("top_k", workload.sampling.top_k);
  });
}

}  // namespace blis
