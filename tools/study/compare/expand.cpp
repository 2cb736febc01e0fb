// From a sweep to the points of its grid.
#include <fmt/format.h>

#include <algorithm>

#include "blis/error.hpp"
#include "tools/study/compare/sweep.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

// 1 and 1.0 are one value; words are compared as they are, in quotes or not.
bool same_value(std::string_view a, std::string_view b) {
  const auto bare = [](std::string_view text) {
    return text.size() > 1 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2)
                                                                        : text;
  };
  const auto x = parse_real(bare(a)), y = parse_real(bare(b));
  return x && y ? *x == *y : bare(a) == bare(b);
}

// Whether `key` is `section`, or a key in it.
bool within(const std::string& key, const std::string& section) {
  return key.starts_with(section) && (key.size() == section.size() || key[section.size()] == '.');
}
bool overlap(const std::string& a, const std::string& b) {
  return within(a, b) || within(b, a);
}

class Checks {
 public:
  explicit Checks(const Sweep& sweep) : sweep_(sweep) {}

  void run() {
    keys();
    for (const Axis& axis : sweep_.axes) values(axis);
    for (const Exclusion& exclusion : sweep_.exclude) exclusions(exclusion);
    if (!problems_.empty()) throw InputError(ErrorKind::usage, std::move(problems_));
  }

 private:
  void add(const std::string& shown, std::string message, std::string expected = {}) {
    problems_.push_back({.place = {shown}, .message = std::move(message), .expected = std::move(expected)});
  }

  void keys() {
    std::vector<std::string> seen;
    for (const Axis& axis : sweep_.axes) {
      for (std::size_t i = 0; i < axis.keys.size(); ++i) {
        const std::string& key = axis.keys[i];
        for (const std::string& other : seen) {
          if (overlap(key, other)) {
            add(axis.rows[0][i].shown, fmt::format("`{}` varies twice, as `{}`", key, other), "once");
          }
        }
        seen.push_back(key);
      }
    }
    for (const Override& setting : sweep_.set) {
      for (const std::string& key : seen) {
        if (!within(setting.key, key)) continue;
        add(setting.shown, fmt::format("`{}` is set for all points, and `{}` varies", setting.key, key),
            "one of the two");
      }
    }
  }

  void values(const Axis& axis) {
    for (std::size_t i = 0; i < axis.rows.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const bool equal = std::ranges::equal(axis.rows[i], axis.rows[j], [](const auto& a, const auto& b) {
          return same_value(a.value, b.value);
        });
        if (equal) {
          add(axis.rows[i][0].shown,
              fmt::format("`{}` has the value {} twice", fmt::join(axis.keys, ", "), axis.rows[i][0].value),
              "each value once");
        }
      }
    }
  }

  void exclusions(const Exclusion& exclusion) {
    for (const Override& setting : exclusion.settings) {
      bool varies = false, takes = false;
      for (const Axis& axis : sweep_.axes) {
        for (const std::vector<Override>& row : axis.rows) {
          for (const Override& value : row) {
            if (value.key != setting.key) continue;
            varies = true;
            takes = takes || same_value(value.value, setting.value);
          }
        }
      }
      if (!varies) {
        add(setting.shown, fmt::format("`exclude` names `{}`, which does not vary", setting.key),
            "a key of `product` or `zip`");
      } else if (!takes) {
        add(setting.shown,
            fmt::format("`{}` never is {}, so this excludes nothing", setting.key, setting.value),
            "one of its values");
      }
    }
  }

  const Sweep& sweep_;
  std::vector<Problem> problems_;
};

bool excluded(const Point& point, const Exclusion& exclusion) {
  return std::ranges::all_of(exclusion.settings, [&](const Override& wanted) {
    return std::ranges::any_of(point.settings, [&](const Override& setting) {
      return setting.key == wanted.key && same_value(setting.value, wanted.value);
    });
  });
}

}  // namespace

void add_axis(Sweep& sweep, Axis axis) {
  if (axis.keys.size() == 1 && axis.keys[0] == "seed") {
    std::string values;
    for (const auto& row : axis.rows) values += (values.empty() ? "" : ",") + row[0].value;
    sweep.seeds = parse_seeds(values, axis.rows[0][0].shown);
    return;
  }
  const auto same = std::ranges::find(sweep.axes, axis.keys, &Axis::keys);
  if (same != sweep.axes.end()) {
    *same = std::move(axis);
  } else {
    sweep.axes.push_back(std::move(axis));
  }
}

std::vector<Point> expand(const Sweep& sweep) {
  Checks(sweep).run();
  std::size_t count = sweep.scenarios.size();
  for (const Axis& axis : sweep.axes) {
    count *= axis.rows.size();
    if (count > kMostPoints) {
      throw InputError(ErrorKind::usage,
                       {.message = fmt::format("the grid has more than {} points", kMostPoints),
                        .expected = "fewer values, or `zip` for those that belong together"});
    }
  }
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) {
    Point point;
    std::size_t rest = i;
    std::vector<std::size_t> rows(sweep.axes.size());
    for (std::size_t a = sweep.axes.size(); a-- > 0;) {
      rows[a] = rest % sweep.axes[a].rows.size();
      rest /= sweep.axes[a].rows.size();
    }
    point.scenario = rest;
    for (std::size_t a = 0; a < rows.size(); ++a) {
      const std::vector<Override>& row = sweep.axes[a].rows[rows[a]];
      point.settings.insert(point.settings.end(), row.begin(), row.end());
    }
    const bool left_out =
        std::ranges::any_of(sweep.exclude, [&](const Exclusion& e) { return excluded(point, e); });
    if (!left_out) points.push_back(std::move(point));
  }
  if (points.empty()) {
    throw InputError(ErrorKind::usage, {.message = "the sweep excludes every point of its grid"});
  }
  return points;
}

}  // namespace blis
