"""How right a step-by-step solution such as `5 + 3 + 10 = 5 + 13 = 18` is. Plain Python: no torch, no `eval`.

The statements of a solution are the texts between its `=`. A solution is well formed when the first statement has an
operator, each later one has exactly one operator fewer than the one before, and the last is a single number.

    e = sum over the later statements of |value of the first - value of the statement|, at most 500
    reward = 2 / (1 + exp(e / 10))

e is infinite, so 500, when the solution is not well formed: a statement does not parse (an empty one, a foreign
character, a number of more than MAX_DIGITS digits, ...), an operator too few or too many, statements after the number
(`18 = 18`), or none that ends the solution (`5 + 3 + 10 = 5 + 13`: the unfinished one would otherwise be worth as much
as the finished one). The function is that of arXiv 2410.17126, where a prompt always holds all steps but the last.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from formalrl.rewards.call import deterministic, in_trainer
from formalrl.rewards.expressions import MAX_TEXT, parse_statement

Operators = Literal["+", "+-", "+*", "+-*"]
RewardShape = Literal["sigmoid", "exact", "linear", "sharp"]

MAX_ERROR = 500.0
"""The error of a solution that is not well formed, and the most that any other can have."""
SIGMOID_SCALE = 10.0
"""Error at which the sigmoid reward is 0.54."""
LINEAR_RANGE = 30.0
"""Error from which the linear reward is 0."""


@dataclass(frozen=True)
class ArithmeticReward:
    """The reward of prompt + completion. Example: `ArithmeticReward()("5 + 3 =", "8")` is 1.0."""

    operators: Operators = "+"
    """Operators of the language; a statement with another one does not parse. Signed numbers always do."""
    shape: RewardShape = "sigmoid"
    """`sigmoid`: 2 / (1 + exp(e / 10)). `linear`: 1 - e / 30, at least 0. `exact`: 1 when e is 0, else 0. `sharp`: the
    mean of sigmoid and exact, which tells near from far and pays for the last unit."""

    @in_trainer
    @deterministic
    def __call__(self, prompt: str, completion: str, **columns: Any) -> float:
        """Return the reward in [0, 1] of the solution that is `prompt` + `completion`; columns are ignored."""
        return reward_of_error(solution_error(prompt + completion, self.operators), self.shape)


def solution_error(text: str, operators: str = "+-*") -> float:
    """Return e, at most MAX_ERROR. Text beyond MAX_TEXT characters is not read."""
    first, *statements = text[:MAX_TEXT].split("=")
    initial = parse_statement(first, operators)
    if initial is None or initial.num_operators != len(statements) or not statements:
        return MAX_ERROR
    error = 0
    for num_reductions, statement in enumerate(statements, start=1):
        parsed = parse_statement(statement, operators)
        if parsed is None or parsed.num_operators != initial.num_operators - num_reductions:
            return MAX_ERROR
        error += abs(initial.value - parsed.value)
    return min(MAX_ERROR, float(error))


def solution_steps(
    prompt: str, completion: str, operators: str = "+-*", shape: RewardShape = "sigmoid"
) -> tuple[tuple[int, float], ...]:
    """Return (position, reward) of each statement of the completion: what its own error earns, seen alone.

    A statement ends behind its `=`, the last one with the completion. The first that is malformed, has an operator too
    few or too many, or ends the solution too early or too late earns 0, together with everything after it.
    """
    first, *statements = (prompt + completion)[:MAX_TEXT].split("=")
    initial = parse_statement(first, operators)
    end = len(first) - len(prompt)
    steps: list[tuple[int, float]] = []
    for num_reductions, statement in enumerate(statements, start=1):
        end += 1 + len(statement)
        parsed, is_last = parse_statement(statement, operators), num_reductions == len(statements)
        if (
            initial is None
            or parsed is None
            or parsed.num_operators != initial.num_operators - num_reductions
            or (parsed.num_operators == 0) != is_last
        ):
            break
        if end > 0:
            steps.append((min(end + 1, len(completion)), reward_of_error(abs(initial.value - parsed.value), shape)))
    else:
        return tuple(steps)
    return (*(step for step in steps if step[0] < len(completion)), (len(completion), 0.0))


def judged_statements(
    prompt: str, completion: str, operators: str = "+-*", shape: RewardShape = "sigmoid"
) -> dict[str, Any]:
    """Return the reward with `statements_right`, the share of the completion's that are, and `steps`."""
    steps = solution_steps(prompt, completion, operators, shape)
    return {
        "reward": reward_of_error(solution_error(prompt + completion, operators), shape),
        "statements_right": sum(earned == 1.0 for _, earned in steps) / max(1, len(steps)),
        "steps": steps,
    }


def reward_of_error(error: float, shape: RewardShape = "sigmoid") -> float:
    """Return the reward in [0, 1] of an error >= 0 (inf allowed); it never rises with the error."""
    error = min(MAX_ERROR, error)
    if shape == "sigmoid":
        return 2 / (1 + math.exp(error / SIGMOID_SCALE))
    if shape == "sharp":
        return (reward_of_error(error) + float(error == 0)) / 2
    if shape == "linear":
        return max(0.0, 1 - error / LINEAR_RANGE)
    return float(error == 0)
