"""What is thrown: a user's mistake with its place, what was expected and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake. Lines and columns count from 1; 0 means unknown."""

    file: str
    line: int
    column: int
    message: str
    expected: str
    got: str
    hint: str
    text: str  # all of it, as the program prints it

    def __str__(self):
        return self.text


class Error(ValueError):
    """One or more problems of one input.

    `kind` is "usage" (a mistake in the scenario or the arguments), "infeasible" (the model does not fit, with the
    arithmetic), "io" (a file) or "not_modelled". `file`, `line` and `hint` are those of the first problem.
    """

    _KINDS = {2: "usage", 3: "infeasible", 4: "io", 5: "not_modelled"}

    def __init__(self, kind, problems):
        self.exit_status = kind
        self.kind = self._KINDS.get(kind, "usage")
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self):
        return type(self), (self.exit_status, self.problems)

    @property
    def file(self):
        return self.problems[0].file if self.problems else ""

    @property
    def line(self):
        return self.problems[0].line if self.problems else 0

    @property
    def hint(self):
        return self.problems[0].hint if self.problems else ""
