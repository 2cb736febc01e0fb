// Time outside the GPU: the engine's loop and the API server. The same for all models and GPUs.
#pragma once

namespace blis {

// Fitted on serving runs of vLLM 0.11 to 0.23 (docs/latency.md).
struct HostConstants {
  double step_us = 375;              // a step that the GPU waits for, whatever is overlapped
  double per_sequence_us = 1;        // for each sequence in the batch
  double sync_us = 1025;             // more a step without asynchronous scheduling: planning it, its inputs
  double sync_per_sequence_us = 20;  // and for each sequence: planning it, applying its token
  double api_us = 4600;              // HTTP and streaming before the first token
  double api_per_token_us = 1.5;     // of the prompt: tokenizer
  double api_per_sequence_us = 70;   // more for each sequence being streamed at that time
};

// Kernels are measured one at a time, at the clocks of a cool GPU; serving holds its arithmetic units busy
// until the board's power limit lowers them (docs/latency.md).
struct SustainedConstants {
  double slowdown = 0.2;  // of arithmetic, once the GPU does nothing else
  double window_ms = 30;  // over which the share of arithmetic counts
};

}  // namespace blis
