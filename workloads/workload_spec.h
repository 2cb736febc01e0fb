// What a scenario's `workload:` says, as a value: which trace to replay and how, or what traffic to
// generate. `scenarios` fills it from YAML, `open_workload` turns it into requests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/request_source.h"
#include "workloads/column_mapping.h"

namespace blis {

// How a length (tokens), a count (turns) or a wait (seconds) is distributed. Draws outside
// [min, max] are clamped to it; `mean` and `stddev` are those of the distribution before that.
// Integers are rounded to nearest, half away from zero.
struct Distribution {
  enum class Kind : std::uint8_t {
    constant,     // value
    uniform,      // min to max, both ends included, both required
    normal,       // mean, stddev
    lognormal,    // mean, stddev (of the lognormal itself, not of its logarithm)
    exponential,  // mean
    zipf,         // P(k) ~ k^-exponent for the integers k of min to max, both required
    empirical,    // the lengths found in the trace `path` (any format), with their frequencies
    quantiles,    // straight lines between `points`; beyond the first and the last, their values
  };
  struct Quantile {
    double share = 0;  // of the draws that are at most `value`, 0 to 1
    double value = 0;
  };
  Kind kind = Kind::constant;
  double value = 0;
  double mean = 0;
  double stddev = 0;
  double exponent = 0;
  std::optional<double> min{};
  std::optional<double> max{};
  std::string path{};
  std::vector<Quantile> points{};
};

// A rate that changes with time, in requests per second.
struct RateCurve {
  enum class Kind : std::uint8_t {
    constant,   // request_rate
    on_off,     // request_rate for on_s, then off_rate for off_s, for ever. With `random` each
                // phase lasts an exponential time of that mean instead (an interrupted Poisson process)
    mmpp,       // Markov-modulated: `states`, each for an exponential time of mean hold_s, followed
                // by any of the others with equal probability
    piecewise,  // through `points`; the last rate holds for ever unless `repeat_s`
    diurnal,    // request_rate * (1 + amplitude * cos(2 pi (t - peak_s) / period_s))
  };
  struct State {
    double request_rate = 0;
    double hold_s = 0;
  };
  struct Point {
    double at_s = 0;
    double request_rate = 0;
  };
  Kind kind = Kind::constant;
  double on_s = 0, off_s = 0, off_rate = 0;
  bool random = false;
  std::vector<State> states{};
  std::vector<Point> points{};
  bool steps = false;  // piecewise: hold each rate until the next point, instead of a straight line
  std::optional<double> repeat_s{};  // piecewise: start again after this long
  bool exact = false;  // piecewise with steps and repeat_s: each step has exactly the requests that its rate
                       // says, at random times of the process
  double period_s = 86400, amplitude = 0, peak_s = 0;
};

// When requests arrive (with sessions: when sessions start). A process says how regular gaps are,
// a curve how the rate changes; any process goes with any curve.
struct ArrivalSpec {
  enum class Process : std::uint8_t {
    poisson,   // exponential gaps
    gamma,     // gamma gaps of shape `burstiness`: below 1 is burstier than Poisson, CV = 1/sqrt
    weibull,   // Weibull gaps of shape `shape`: below 1 is burstier than Poisson
    constant,  // equal gaps
    normalized_exponential,  // inference-perf's "constant": rate * duration exponential gaps per
                             // stage, rescaled to fill the stage exactly
    at_once,                 // everything at time 0 (vLLM's request rate "inf"); use with max_concurrency
    closed_loop,  // `users` that each wait for an answer, think (session.think_time_s), and send again
    servegen,     // the windows of a ServeGen client file, `path`
  };
  struct Stage {
    double request_rate = 0;
    double duration_s = 0;
  };
  Process process = Process::poisson;
  double request_rate = 0;  // requests per second, > 0 (constant curve, on_off, diurnal)
  double burstiness = 1;
  double shape = 1;
  RateCurve curve{};
  std::vector<Stage> stages{};  // normalized_exponential; empty: one stage of request_rate for the
                                // workload's duration_s (or num_requests)
  double drain_gap_s = 1;       // a stage starts this long after the previous one has drained
  std::int64_t users = 0;       // closed_loop
  double ramp_up_s = 0;         // closed_loop: users join evenly over this time
  std::string path{};           // servegen
};

// Shared system prompts: each request starts with one of `groups` prompts of `tokens` tokens, in
// front of and beside its own input tokens. Groups are drawn uniformly.
struct PrefixSpec {
  std::int64_t groups = 1;
  Distribution tokens{};      // one draw a group
  bool within_input = false;  // the prompt is a part of the input tokens instead (at most all but one)
};

// A fixed pool of prompts (what follows the prefix) instead of unique ones.
struct PromptPoolSpec {
  enum class Order : std::uint8_t { cycle, random };
  std::int64_t pool = 0;
  Order order = Order::cycle;
};

// A conversation: each turn's prompt holds everything said so far, and is sent `think_time_s` after
// the previous answer ended. An agent's chain of calls is the same thing with the tool's running
// time as think time. `input_tokens` is then what each turn adds.
struct SessionSpec {
  Distribution turns{};
  Distribution think_time_s{};
  std::optional<std::int64_t> max_context_tokens{};  // the session ends before a prompt plus its output
                                                     // would be longer
};

// Images (or clips, recordings) in front of each request's own text, and beside its input tokens.
struct ImagesSpec {
  Distribution count{};                // of a request; none if it rounds to 0
  Distribution tokens{};               // embeddings of each
  std::optional<std::int64_t> pool{};  // so many different ones, drawn uniformly; unset: no two are equal
};

// What llm-d's picker is told of a request: the priority of its InferenceObjective, and headers.
struct FlowSpec {
  std::int32_t priority = 0;            // larger is served first; below 0 it gives way
  std::string fairness_id{};            // who shares a turn; empty: all that say nothing
  std::optional<double> slo_ttft_ms{};  // for an order by deadlines
};

struct ClientSpec {
  std::string name{};             // empty for the one unnamed client
  std::optional<double> share{};  // of the workload's common arrivals; unset: it has its own `arrival`,
                                  // or an equal part of what is left
  std::optional<ArrivalSpec> arrival{};
  Distribution input_tokens{};
  Distribution output_tokens{};
  std::string lengths_path{};  // joint empirical: (input, output) pairs drawn together from this
                               // trace, instead of the two distributions
  std::optional<PrefixSpec> prefix{};
  std::optional<PromptPoolSpec> prompts{};
  std::optional<SessionSpec> session{};
  std::int32_t priority = 0;                 // smaller is served first, where the engine's policy looks at it
  std::optional<FlowSpec> flow{};            // for the flow control of a router
  std::string slo_class{};                   // a label for reports
  std::optional<double> timeout_s{};         // the client gives up this long after it sent
  std::optional<std::int64_t> max_tokens{};  // the client's limit; unset: exactly the drawn output
  std::vector<std::string> loras{};          // LoRA adapters, one of which each request has, a session as a
                                             // whole, with equal probability; empty: none
  std::optional<ImagesSpec> images{};
  double structured_output = 0;  // share of the requests that wait for a grammar
};

struct SyntheticSpec {
  // One of the two. Requests are counted over all clients, later turns of sessions included;
  // duration_s bounds when requests (sessions) start.
  std::optional<std::int64_t> num_requests{};
  std::optional<double> duration_s{};
  std::optional<ArrivalSpec> arrival{};           // common to the clients that have none of their own
  std::vector<ClientSpec> clients{};              // at least one
  std::optional<std::int64_t> max_concurrency{};  // at most this many in flight; others wait at the client
  std::vector<std::string> adapters{};  // all there are, by AdapterIndex from 1 on: what `loras` name
};

// How the rows of a trace become requests. The same for every format.
struct TraceSpec {
  std::string path{};                   // "-": standard input; .gz and .zst are read directly
  std::string format = "auto";          // a row of kTraceFormats, or auto: by content
  LogView log{};                        // of logs, whose columns have names of their own
  double time_scale = 1;                // 2.0 replays twice as fast
  std::optional<std::int64_t> limit{};  // at most this many requests
  double start_s = 0;                   // leave out rows before this, on the trace's clock from its first row
  std::optional<double> end_s{};        // and rows at or after this
  double dither_ms = 0;        // add a uniform time in [0, dither_ms) to every arrival, before scaling
  bool sort = false;           // accept rows out of order: all of them are then held in memory
  bool skip_bad_rows = false;  // count and report broken rows instead of stopping at the first
  std::optional<ArrivalSpec> arrival{};  // replaces the trace's own arrivals (required where it has none)
  bool closed_loop_sessions = true;      // where rows name their session and no arrival of their own (or a
                                         // wait after the previous answer), send them after that answer
  std::optional<double> tokens_per_image{};     // Azure's multimodal trace
  std::optional<double> chars_per_token{};      // ShareGPT and prompts, which have text and no counts
  std::optional<std::int64_t> output_tokens{};  // of each answer, whatever the rows say
  std::int32_t priority = 0;
  std::optional<FlowSpec> flow{};
  std::optional<double> timeout_s{};
  std::optional<std::int64_t> max_concurrency{};
  // What the server of the requests has; set by who opens the workload.
  bool encodes_items = false;
  bool grammars = false;
  std::vector<std::string> adapters{};
};

struct WorkloadSpec {
  std::variant<TraceSpec, SyntheticSpec> kind{};
  std::uint64_t seed = 0;
};

}  // namespace blis
