from collections.abc import Callable, Iterable, KeysView, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Protocol

import numpy
import pandas

__version__: str

_Path = str | PathLike[str]
_Scenario = _Path | Mapping[str, Any]
_Progress = bool | Callable[[int, int], object] | None

class Problem:
    file: str
    line: int
    column: int
    message: str
    expected: str
    got: str
    hint: str
    text: str

class Error(ValueError):
    kind: Literal["usage", "infeasible", "io", "not_modelled"]
    exit_status: int
    problems: list[Problem]
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def hint(self) -> str: ...

class Result:
    OUTCOMES: tuple[str, ...]
    def __getitem__(self, key: str) -> Any: ...
    def keys(self) -> KeysView[str]: ...
    def figures(self) -> dict[str, float | int | None]: ...
    @property
    def document(self) -> dict[str, Any]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def interrupted(self) -> bool: ...
    @property
    def meets_slo(self) -> bool | None: ...
    @property
    def requests(self) -> numpy.ndarray[Any, Any]: ...
    def frame(self) -> pandas.DataFrame: ...
    def to_json(self, detailed: bool = ...) -> str: ...
    def to_vllm_json(self, detailed: bool = ...) -> str: ...
    def to_csv(self) -> str: ...
    def to_html(self) -> str: ...
    def save(self, folder: _Path, force: bool = ...) -> None: ...

class Comparison:
    @property
    def document(self) -> dict[str, Any]: ...
    @property
    def points(self) -> list[dict[str, Any]]: ...
    @property
    def advice(self) -> Any: ...
    def frame(self) -> pandas.DataFrame: ...
    def to_text(self, width: int = ...) -> str: ...
    def to_json(self) -> str: ...
    def to_csv(self) -> str: ...
    def to_html(self) -> str: ...
    def save(self, folder: _Path, force: bool = ...) -> None: ...

class _Future(Protocol):
    def result(self) -> Any: ...

class _Executor(Protocol):
    def submit(self, fn: Callable[..., Any], /, *args: Any) -> _Future: ...

def simulate(
    scenario: _Scenario,
    /,
    *,
    data: _Path | None = ...,
    detailed: bool = ...,
    progress: _Progress = ...,
    step_time: Callable[[Any], float] | None = ...,
    requests: Iterable[tuple[float, int, int] | tuple[float, int, int, int]] | None = ...,
    router: str | Callable[[Any, list[Any]], int] | None = ...,
    **overrides: Any,
) -> Result: ...
def compare(
    scenario: _Scenario,
    /,
    *,
    vary: Mapping[str, Iterable[Any]] | None = ...,
    seeds: Iterable[int] = ...,
    prices: Mapping[str, float] | None = ...,
    find: Literal["max-rate", "min-gpus", "min-cost"] | None = ...,
    executor: _Executor | None = ...,
    shards: int | None = ...,
    folder: _Path | None = ...,
    detect_warmup: bool = ...,
    data: _Path | None = ...,
    threads: int = ...,
    progress: _Progress = ...,
    **overrides: Any,
) -> Comparison: ...
def step(
    *,
    prefill: Sequence[tuple[int, int]] = ...,
    decode: Sequence[tuple[int, int]] = ...,
    data: _Path | None = ...,
    **settings: Any,
) -> dict[str, Any]: ...
def model(
    name: _Path, /, *, sequence_lengths: Sequence[int] = ..., data: _Path | None = ..., **settings: Any
) -> dict[str, Any]: ...

class Trace:
    path: str
    def __init__(self, path: _Path, **workload: Any) -> None: ...
    def inspect(self) -> dict[str, Any]: ...
    def scenario(self, model: str, gpu: str, **sections: Any) -> dict[str, Any]: ...
