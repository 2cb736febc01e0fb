"""How a model, on given GPUs, with given vLLM settings, serves given traffic.

    import blisim
    result = blisim.simulate("chat.yaml", max_num_seqs=256)
    result["p99_ttft_ms"]
    blisim.compare("chat.yaml", vary={"gpu": ["H100", "A100"], "tp": [1, 2]}).frame()
"""

from ._core import PricedWork, ReplicaState, RoutedRequest
from ._core import version as _version
from .comparing import Comparison, compare
from .errors import Error, Problem
from .explaining import Trace, model, step
from .simulating import Result, simulate

__version__ = _version()
__all__ = ["Comparison", "Error", "PricedWork", "Problem", "ReplicaState", "Result", "RoutedRequest", "Trace", "compare",
           "model", "simulate", "step"]
