#include "sim/rank_balance.h"

#include <algorithm>

namespace blis {

RankBalance::RankBalance(const RankBalanceRule& rule, std::size_t ranks)
    : rule_(rule), servers_(static_cast<std::size_t>(rule.api_servers)) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].ranks.resize(ranks);
    servers_[i].turn = ranks * i / servers_.size();
  }
}

std::size_t RankBalance::choose(RequestIndex request, std::span<const RankReport> reports, Time at) {
  const std::size_t number = next_server_++ % servers_.size();
  Server& server = servers_[number];
  std::size_t best = 0;
  double least = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const std::size_t rank = (server.turn + i) % reports.size();
    const double score = score_of(server.ranks[rank], reports[rank], at);
    if (i == 0 || score < least) best = rank, least = score;
  }
  if (rule_.rotates_ties) server.turn = (server.turn + 1) % reports.size();
  Known& known = server.ranks[best];
  known.sent_since += rule_.api_servers;
  ++known.in_flight;
  in_flight_[request] = {number, best};
  return best;
}

void RankBalance::ended(RequestIndex request) {
  const auto sent = in_flight_.extract(request);
  if (!sent.empty()) --servers_[sent.mapped().server].ranks[sent.mapped().rank].in_flight;
}

double RankBalance::score_of(Known& known, const RankReport& report, Time at) const {
  // Of ranks that say nothing it tells zeros, as often as nothing changes.
  const Time told = rule_.ranks_are_heard
                        ? report.at
                        : Time{since_start(at) / kSilentCoordinatorInterval * kSilentCoordinatorInterval};
  if (told != known.told) {
    known.told = told;
    known.sent_since = 0;
  }
  const Gauges load = rule_.ranks_are_heard ? report.load : Gauges{};
  const double waiting = load.waiting + known.sent_since, running = load.running;
  if (rule_.by_queues) return 4 * waiting + running;
  const double score = std::max(rule_.api_servers * known.in_flight, waiting + running);
  return waiting > 0 ? score + waiting * 6 * std::max(0.0, load.kv_usage - 0.5) : score;
}

}  // namespace blis
