#include "scenarios/offloading.h"

#include <fmt/core.h>

#include "roofline/kv_capacity.h"

namespace blis {
namespace {

// Of what the data sheet says of PCIe, copies of KV blocks reach so much: 26 ms a GB of 64 GB/s. Source:
// llm-d's blog of 2026-08-15.
constexpr double kShareOfPcie = 0.6;

OffloadingSettings extra_config(const ResolvedScenario& d) {
  return d.scenario.engine.kv_connector_extra_config.value_or(OffloadingSettings{});
}

int blocks_per_chunk(const ResolvedScenario& d) {
  const OffloadingSettings extra = extra_config(d);
  if (extra.block_size) return *extra.block_size / static_cast<int>(d.kv.layout.block_size);
  return extra.blocks_per_chunk.value_or(1);
}

// Of all GPUs of the engine, each of which has its own share.
double bytes_of_block(const ResolvedScenario& d) {
  return static_cast<double>(d.kv.block_bytes) * d.parallel.gpus();
}

void check_chunks(const ResolvedScenario& d) {
  const OffloadingSettings extra = extra_config(d);
  if (!extra.block_size && !extra.blocks_per_chunk) return;
  const std::string key = fmt::format("engine.kv_connector_extra_config.{}",
                                      extra.block_size ? "block_size" : "blocks_per_chunk");
  const Place place = origin_place(d.scenario.origins, key);
  const std::int64_t block = d.kv.layout.block_size;
  if (extra.block_size && *extra.block_size % block != 0) {
    throw InputError(ErrorKind::usage, {.place = place,
                                        .message = "a chunk of KV in host memory ends within a block",
                                        .expected = fmt::format("a multiple of a block's {} tokens", block),
                                        .got = fmt::format("{}", *extra.block_size)});
  }
  const std::int64_t longest = *d.scenario.engine.max_model_len / block;
  if (blocks_per_chunk(d) > longest) {
    throw InputError(
        ErrorKind::usage,
        {.place = place,
         .message = "no request fills a chunk of this size: nothing would be written to host memory",
         .expected =
             fmt::format("at most {}, for max_model_len {}", extra.block_size ? longest * block : longest,
                         *d.scenario.engine.max_model_len),
         .got = fmt::format("{}", extra.block_size ? *extra.block_size : *extra.blocks_per_chunk)});
  }
}

void check_storage(const OffloadingSettings& extra, bool has_link, Complaints& complaints) {
  constexpr std::string_view kKey = "engine.kv_connector_extra_config.secondary_tiers";
  if (extra.secondary_tiers.empty()) return;
  if (extra.secondary_tiers.size() > 1) {
    complaints.add(kKey, {.message = "several storage tiers of an engine are not simulated",
                          .expected = "one of the type fs",
                          .got = fmt::format("{}", extra.secondary_tiers.size())});
  }
  if (!has_link) {
    complaints.add(kKey, {.message = "how fast storage is read and written is not known",
                          .expected = "links.storage: { read_gbytes_s: ..., write_gbytes_s: ... } of an "
                                      "engine"});
  }
  if (extra.store_threshold.value_or(0) >= 2) {
    complaints.add("engine.kv_connector_extra_config.store_threshold",
                   {.message = "vLLM has no thresholds beside secondary tiers",
                    .expected = "0 or 1, or no `secondary_tiers`",
                    .got = fmt::format("{}", *extra.store_threshold)});
  }
}

}  // namespace

void check_offloading(const ResolvedScenario& d, Complaints& complaints) {
  const std::optional<OffloadingSettings>& extra = d.scenario.engine.kv_connector_extra_config;
  if (!extra) return;
  if (!d.scenario.engine.kv_offloading_size) {
    complaints.add(
        "engine.kv_connector_extra_config",
        {.message = "`engine.kv_connector_extra_config` says what host memory keeps, and there is none",
         .expected = "kv_offloading_size, or no such key"});
  }
  if (extra->block_size && extra->blocks_per_chunk) {
    complaints.add("engine.kv_connector_extra_config.blocks_per_chunk",
                   {.message = "`block_size` says how large a chunk is, too",
                    .expected = "one of the two, as vLLM has it"});
  }
  check_storage(*extra, d.scenario.storage_link.has_value(), complaints);
}

// How much host memory there is only the user knows.
void check_host_memory(const ResolvedScenario& d) {
  const std::optional<double> gib = d.scenario.engine.kv_offloading_size;
  if (!gib) return;
  const Place place = origin_place(d.scenario.origins, "engine.kv_offloading_size");
  if (!d.scenario.host_link && !(d.hardware.pcie_gbs > 0)) {
    throw InputError(ErrorKind::usage,
                     {.place = place,
                      .message = fmt::format("how fast {} reaches host memory is not known", d.hardware.name),
                      .expected = "links.host.bandwidth_gbytes_s: of a GPU, in a direction"});
  }
  check_chunks(d);
  const double longest = bytes_of_block(d) / kGiB * static_cast<double>(d.kv.longest_request_blocks);
  if (*gib < longest) {
    throw InputError(
        ErrorKind::infeasible,
        {.place = place,
         .message = "host memory for KV blocks does not hold one request of max_model_len",
         .expected = fmt::format("at least {:.3g} GiB, for all GPUs of the engine together", longest),
         .got = fmt::format("{:g}", *gib)});
  }
}

ExternalStoreConfig host_memory(const ResolvedScenario& d) {
  const auto& link = d.scenario.host_link;
  const OffloadingSettings extra = extra_config(d);
  const double rate = link ? link->bandwidth_gbytes_s : kShareOfPcie * d.hardware.pcie_gbs;
  const double block = bytes_of_block(d);
  ExternalStoreConfig store{.token_bytes = block / static_cast<double>(d.kv.layout.block_size),
                            .bytes_per_second = rate * 1e9 * d.parallel.gpus(),
                            .blocks_per_chunk = blocks_per_chunk(d),
                            .eviction = extra.eviction_policy.value_or("lru"),
                            .store_threshold = extra.store_threshold.value_or(0),
                            .prompts_only = true};
  store.chunks = static_cast<std::int64_t>(*d.scenario.engine.kv_offloading_size * kGiB /
                                           (block * store.blocks_per_chunk));
  if (extra.max_tracker_size) store.tracked_lookups = *extra.max_tracker_size;
  if (!extra.secondary_tiers.empty()) {
    store.storage = {.read_bytes_per_second = d.scenario.storage_link->read_gbytes_s * 1e9,
                     .write_bytes_per_second = d.scenario.storage_link->write_gbytes_s * 1e9};
  }
  return store;
}

}  // namespace blis
