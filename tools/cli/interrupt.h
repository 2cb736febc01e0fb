// Ctrl-C: the first asks the run to stop, the second ends the program.
#pragma once

namespace blis {

// From now on SIGINT and SIGTERM are noted (sim/stop_request.h); a second one kills. Until then the first
// does: a command that has nothing to finish need not watch.
void watch_for_interrupt();
bool interrupted();

}  // namespace blis
