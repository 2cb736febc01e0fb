#include "tools/import/client_settings.h"

namespace blis {

ClientSettings client_settings(const PastedCommand& command) {
  switch (command.program) {
    case Program::sglang_bench:
      return sglang_bench_settings(command);
    case Program::guidellm:
      return guidellm_settings(command);
    case Program::aiperf:
      return aiperf_settings(command);
    case Program::vllm_bench:
    case Program::vllm_serve:
      break;
  }
  return vllm_bench_settings(command);
}

}  // namespace blis
