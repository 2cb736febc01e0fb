#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "blis/blis.h"
#include "blis/blis.hpp"
#include "tools/output/json_writer.h"
#include "tools/output/strict_json.h"

namespace {

using blis::ErrorKind;
using blis::InputError;
using nlohmann::ordered_json;

constexpr const char* kRequest = "request";

[[noreturn]] void refuse_key(const std::string& key, std::string message, std::string expected) {
  throw InputError(ErrorKind::usage, {.place = {std::string(kRequest) + "." + key},
                                      .message = std::move(message),
                                      .expected = std::move(expected)});
}

// What a request says, key by key. Keys that nobody asked for are mistakes.
class Request {
 public:
  explicit Request(const char* text) {
    if (text == nullptr) refuse_key("", "there is no request", "a JSON object");
    json_ = blis::parse_strict_json<ordered_json>(text, {kRequest}, ErrorKind::usage);
    if (!json_.is_object()) refuse_key("", "this is no request", "a JSON object");
  }

  // As the library has it; `expected` is what else is refused.
  template <class T>
  T take(const std::string& key, T fallback, const char* expected) {
    const auto found = json_.find(key);
    if (found == json_.end()) return fallback;
    try {
      T value = found->get<T>();
      json_.erase(found);
      return value;
    } catch (const ordered_json::exception&) {
      refuse_key(key, "has a wrong type", expected);
    }
  }
  ordered_json take(const std::string& key) {
    const auto found = json_.find(key);
    if (found == json_.end()) return {};
    ordered_json value = std::move(*found);
    json_.erase(found);
    return value;
  }
  void finish() const {
    if (!json_.empty()) refuse_key(json_.begin().key(), "nobody asked for this key", "those of blis/blis.h");
  }

 private:
  ordered_json json_;
};

// A value as YAML has it: a text stands for itself.
std::string yaml_value(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<blis::Setting> settings_in(Request& request) {
  std::vector<blis::Setting> settings;
  const ordered_json set = request.take("set");
  if (!set.is_null() && !set.is_object())
    refuse_key("set", "has a wrong type", "an object of keys and values");
  for (const auto& [key, value] : set.items()) settings.push_back({.key = key, .value = yaml_value(value)});
  return settings;
}

blis::Scenario scenario_in(Request& request) {
  const ordered_json scenario = request.take("scenario");
  const std::vector<blis::Setting> settings = settings_in(request);
  if (scenario.is_string()) return blis::read_scenario(scenario.get<std::string>(), settings);
  if (scenario.is_object()) return blis::parse_scenario(scenario.dump(), "scenario", "", settings);
  refuse_key("scenario", "there is no scenario", "a path, or an object as a scenario file has it");
}

std::string data_folder_in(Request& request) {
  return request.take<std::string>("data_folder", "", "a path");
}

std::string errors_json(const InputError& error) {
  std::string text;
  blis::JsonWriter json(text);
  json.begin_object().key("errors").begin_list();
  for (const blis::Problem& problem : error.problems()) {
    json.begin_object().member("file", problem.place.file).member("line", problem.place.line);
    json.member("column", problem.place.column).member("message", problem.message);
    json.member("expected", problem.expected)
        .member("got", problem.got)
        .member("hint", problem.hint)
        .end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

int give(char** answer, const std::string& text, int status) {
  if (answer == nullptr) return status;
  *answer = static_cast<char*>(std::malloc(text.size() + 1));
  if (*answer == nullptr) return BLIS_BUG;
  std::memcpy(*answer, text.c_str(), text.size() + 1);
  return status;
}

// No exception leaves the library through C.
int answered(char** answer, const std::function<std::string()>& work,
             const std::atomic<bool>* cancelled = nullptr) {
  if (answer != nullptr) *answer = nullptr;
  try {
    const std::string text = work();
    return give(answer, text, cancelled != nullptr && *cancelled ? BLIS_CANCELLED : BLIS_OK);
  } catch (const InputError& error) {
    return give(answer, errors_json(error), static_cast<int>(error.kind()));
  } catch (const std::exception& error) {
    return give(answer, errors_json(InputError(ErrorKind::usage, {.message = error.what()})), BLIS_BUG);
  }
}

std::vector<blis::StepBatch::Part> parts_in(Request& request, const char* key) {
  std::vector<blis::StepBatch::Part> parts;
  using Pairs = std::vector<std::array<std::int64_t, 2>>;
  for (const auto& [count, context] : request.take<Pairs>(key, {}, "a list of [count, context]")) {
    parts.push_back({count, context});
  }
  return parts;
}

}  // namespace

int blis_simulate(const char* text, blis_progress progress, void* user, char** answer) {
  std::atomic<bool> cancelled = false;
  return answered(
      answer,
      [&] {
        Request request(text);
        const blis::Scenario scenario = scenario_in(request);
        blis::SimulateOptions options{.data_folder = data_folder_in(request)};
        const bool detailed = request.take<bool>("detailed", false, "true or false");
        options.detect_warmup = request.take<bool>("detect_warmup", false, "true or false");
        request.finish();
        if (detailed) options.steps_for = blis::StepsFor::themselves;
        if (progress != nullptr) {
          options.progress = [&](const blis::Progress& p) {
            cancelled = cancelled || progress(user, p.finished, p.expected.value_or(0)) != 0;
            return !cancelled;
          };
        }
        return blis::to_json(blis::simulate(scenario, options), detailed);
      },
      &cancelled);
}

int blis_compare(const char* text, blis_progress progress, void* user, char** answer) {
  std::atomic<bool> cancelled = false;
  return answered(
      answer,
      [&] {
        Request request(text);
        const ordered_json scenario = request.take("scenario");
        if (!scenario.is_string())
          refuse_key("scenario", "there is no scenario", "the path of one, or of a sweep");
        std::vector<blis::Variation> vary;
        const ordered_json axes = request.take("vary");
        for (const auto& [key, values] : axes.items()) {
          if (!values.is_array()) refuse_key("vary." + key, "has a wrong type", "a list of values");
          vary.push_back({.key = key, .values = {}});
          for (const ordered_json& value : values) vary.back().values.push_back(yaml_value(value));
        }
        blis::CompareOptions options{.data_folder = data_folder_in(request), .set = settings_in(request)};
        options.seeds =
            request.take<std::vector<std::uint64_t>>("seeds", {}, "a list of whole numbers from 0");
        const auto prices =
            request.take<std::map<std::string, double>>("prices", {}, "an object of GPUs and numbers");
        options.prices.assign(prices.begin(), prices.end());
        options.find = request.take<std::string>("find", "", "max-rate, min-gpus or min-cost");
        options.threads = request.take<int>("threads", 0, "a whole number");
        options.folder = request.take<std::string>("folder", "", "a path");
        options.detect_warmup = request.take<bool>("detect_warmup", false, "true or false");
        options.objectives = request.take<std::vector<std::string>>("objectives", {}, "a list of figures");
        options.stop_dominated = request.take<bool>("stop_dominated", false, "true or false");
        options.resume = !options.folder.empty();
        request.finish();
        options.going_on = [&] { return !cancelled; };
        if (progress != nullptr) {
          options.progress = [&](std::size_t finished, std::size_t expected) {
            if (progress(user, finished, expected) != 0) cancelled = true;
          };
        }
        return blis::to_json(blis::compare(scenario.get<std::string>(), vary, options));
      },
      &cancelled);
}

int blis_step(const char* text, char** answer) {
  return answered(answer, [&] {
    Request request(text);
    const std::vector<blis::Setting> settings = settings_in(request);
    blis::StepBatch batch{.prefills = parts_in(request, "prefill"), .decodes = parts_in(request, "decode")};
    const std::string data = data_folder_in(request);
    request.finish();
    return blis::step_json(settings, batch, data);
  });
}

int blis_model(const char* text, char** answer) {
  return answered(answer, [&] {
    Request request(text);
    const auto model = request.take<std::string>("model", "", "a model");
    const std::vector<blis::Setting> settings = settings_in(request);
    const auto lengths = request.take<std::vector<std::int64_t>>("sequence_lengths", {}, "a list of tokens");
    const std::string data = data_folder_in(request);
    request.finish();
    return blis::model_json(model, settings, lengths, data);
  });
}

int blis_trace(const char* text, char** answer) {
  return answered(answer, [&] {
    Request request(text);
    const auto path = request.take<std::string>("path", "", "a path");
    const std::vector<blis::Setting> settings = settings_in(request);
    request.finish();
    return blis::trace_json(path, settings);
  });
}

void blis_free(char* answer) {
  std::free(answer);
}

const char* blis_version(void) {
  return blis::version().data();
}
