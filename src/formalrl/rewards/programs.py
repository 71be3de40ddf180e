"""How right a function is that a model wrote: does it parse, is it there, does it run, which hidden tests does it pass.

The function runs in the sandbox of `rewards.sandbox` and sees inputs only: what it returns is compared out here, so
that no program can look up, or talk its way to, the expected values. Values are equal when their `repr` is: 1, 1.0 and
True are three values.
"""

import ast
import re
import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from formalrl.rewards.call import deterministic
from formalrl.rewards.sandbox import SandboxLimits, run

MAX_SOURCE = 4000
"""Characters of a program that are read; a longer one does not parse."""
NAME = "f"
"""What the function must be called."""

_FENCE = re.compile(r"```(?:[Pp]ython|py)?[ \t]*\n(.*?)```", re.DOTALL)
_DEFINES = re.compile(rf"^def {NAME}\b", re.MULTILINE)
_HARNESS = """
mark, inputs = eval(input())
names = {"__name__": "solution"}
exec(compile(open("solution.py", encoding="utf-8").read(), "solution.py", "exec"), names)
for number, value in enumerate(inputs):
    try:
        shown = repr(names["f"](value))
    except Exception:
        continue
    if len(shown) < 5000:
        print(mark, number, shown, flush=True)
"""


@dataclass(frozen=True)
class Weights:
    """What each achievement is worth; a program that passes every test has all of them."""

    parses: float = 0.05
    defines: float = 0.05
    runs: float = 0.1
    """Times the share of the tests on which a value comes back."""
    passed: float = 0.8
    """Times the share of the tests with the right value."""


@dataclass(frozen=True)
class ProgramsReward:
    """The graded reward of a program. Example: `ProgramsReward()("def f(x):", " return x + 1", tests=[[1, 2]])`."""

    weights: Weights = field(default_factory=Weights)
    wall_s: float = 2.0
    """Seconds that all tests of one program may take together, the start of the interpreter included."""

    @deterministic
    def __call__(
        self, prompt: Any, completion: str, tests: Sequence[Sequence[Any]] = (), **columns: Any
    ) -> Mapping[str, float]:
        """Return the reward and its parts; `tests` are pairs of an input and the expected value."""
        source = source_of(prompt, completion)
        tree = parse(source)
        runs = passed = 0.0
        defines = tree is not None and _defines(tree)
        if defines and tests:
            values = self._values(source, [test[0] for test in tests])
            runs = len(values) / len(tests)
            passed = sum(values.get(number) == repr(test[1]) for number, test in enumerate(tests)) / len(tests)
        parts = {"parses": float(tree is not None), "defines": float(defines), "runs": runs, "passed": passed}
        reward = sum(getattr(self.weights, name) * value for name, value in parts.items())
        return {"reward": reward, **parts, "correct": float(bool(tests) and passed == 1.0)}

    def _values(self, source: str, inputs: Sequence[Any]) -> dict[int, str]:
        """The `repr` of what came back, by the number of the input; inputs on which the function failed are missing."""
        mark = secrets.token_hex(8)
        limits = SandboxLimits(wall_s=self.wall_s, cpu_s=max(1, int(self.wall_s)), memory_bytes=256 << 20)
        result = run(_HARNESS, repr((mark, list(inputs))) + "\n", limits, files={"solution.py": source})
        values: dict[int, str] = {}
        for line in result.stdout.splitlines():
            if line.startswith(mark + " "):  # everything else is what the program printed itself
                number, _, shown = line[len(mark) + 1 :].partition(" ")
                if number.isdecimal() and int(number) < len(inputs):
                    values[int(number)] = shown
        return values


def source_of(prompt: Any, completion: str) -> str:
    """Return the program: the last fenced block of the completion; else the completion, after the prompt if it must."""
    if blocks := _FENCE.findall(completion[: 10 * MAX_SOURCE]):
        return blocks[-1]
    if _DEFINES.search(completion) or not isinstance(prompt, str):
        return completion
    return prompt + completion


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree, or None when there is none."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source.encode()
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defines(tree: ast.Module) -> bool:
    """Whether a function of the right name takes one argument."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == NAME:
            arguments = node.args
            needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
            takes = len(arguments.posonlyargs) + len(arguments.args) >= 1 or arguments.vararg is not None
            return needed <= 1 and takes
    return False
