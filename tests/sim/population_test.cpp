#include "sim/population.h"

#include <gtest/gtest.h>

#include "tests/sim/toys.h"

namespace blis {
namespace {

RequestRecord request(int arrival_ms, Outcome outcome, int last_token_ms = -1, int ended_ms = -1) {
  RequestRecord r;
  r.arrival = at_ms(arrival_ms);
  r.outcome = outcome;
  if (last_token_ms >= 0) r.last_token = at_ms(last_token_ms);
  if (ended_ms >= 0) r.ended = at_ms(ended_ms);
  return r;
}

TEST(Population, CountsThoseWhoGaveUpUntilTheyDid) {
  const std::vector<RequestRecord> requests{
      request(0, Outcome::completed, 50),    request(10, Outcome::aborted, 30, 45),  // with a token, and
      request(20, Outcome::aborted, -1, 30),                                         // without one
      request(20, Outcome::too_long),        request(30, Outcome::unfinished),
      request(44, Outcome::completed, 99),   request(45, Outcome::completed, 99),
      request(50, Outcome::completed, 99)};
  Population population(requests);
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < requests.size(); ++i) found.push_back(population.found_by(i));
  EXPECT_EQ(found, (std::vector<std::int64_t>{0, 1, 2, 3, 2, 3, 3, 3}));
}

}  // namespace
}  // namespace blis
