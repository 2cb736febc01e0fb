// Ctrl-C: the first asks the run to stop, the second ends the program.
#pragma once

namespace blis {

// From now on SIGINT and SIGTERM are noted; a second one kills.
void watch_for_interrupt();
bool interrupted();

}  // namespace blis
