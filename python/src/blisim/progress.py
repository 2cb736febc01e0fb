"""How far a call is, for those who wait."""

import sys


def shower(progress):
    """What `progress=` means: True or None a line on stderr (None: on a terminal only), False nothing, or a
    function of (finished, expected), expected 0 where nobody knows. Returns (show, end)."""
    if callable(progress):
        return progress, lambda: None
    if progress is False or (progress is None and not sys.stderr.isatty()):
        return None, lambda: None
    state = {"drawn": False, "calls": 0}

    def show(finished, expected):
        state["calls"] += 1
        if state["calls"] < 5:  # half a second: short runs show nothing
            return
        state["drawn"] = True
        share = f"{finished / expected:4.0%} of {expected}" if expected else f"{finished}"
        sys.stderr.write(f"\r{share} ")
        sys.stderr.flush()

    def end():
        if state["drawn"]:
            sys.stderr.write("\r" + " " * 40 + "\r")
            sys.stderr.flush()

    return show, end
