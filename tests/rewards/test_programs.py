import math
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formalrl.rewards.programs import MAX_SOURCE, ProgramsReward, Weights, parse, source_of
from formalrl.rewards.sandbox import best_backend

needs_sandbox = pytest.mark.skipif(best_backend() is None, reason="this machine isolates nothing")
PROMPT = "# x is an integer: add 1\ndef f(x):"
TESTS = [[0, 1], [1, 2], [-5, -4], [7, 8]]


def score(completion, tests=TESTS, **options):
    return dict(ProgramsReward(**options)(PROMPT, completion, tests=tests, answer="ignored"))


@needs_sandbox
@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("\n    return x + 1\n", (1, 1, 1, 1)),
        ("```python\ndef f(x):\n    return x + 1\n```", (1, 1, 1, 1)),
        ("I think:\n```\nnonsense (\n```\nor\n```py\ndef f(n, *rest):\n    return n + 1\n```\n", (1, 1, 1, 1)),
        ("\n    return x * 2\n", (1, 1, 1, 0.25)),
        ("\n    return 1 // x\n", (1, 1, 0.75, 0)),
        ("\n    return float(x + 1)\n", (1, 1, 1, 0)),
        ("\n    return x + 1\nimport os\nos._exit(0)\n", (1, 1, 0, 0)),
        ("\n    import socket\n    return socket.socket()\n", (1, 1, 0, 0)),
        ("\n    print('1 2')\n    return x + 1\n", (1, 1, 1, 1)),
        ("\n    return [0] * 10 ** 9\n", (1, 1, 0, 0)),
    ],
)
def test_the_reward_is_graded(completion, expected):
    result = score(completion, wall_s=30.0)
    assert tuple(result[name] for name in ("parses", "defines", "runs", "passed")) == expected
    worth = sum(a * b for a, b in zip(expected, (0.05, 0.05, 0.1, 0.8), strict=True))
    assert result["reward"] == pytest.approx(worth) and result["correct"] == (expected[3] == 1)


@pytest.mark.parametrize(
    ("completion", "parts"),
    [
        ("", (0, 0)),
        (" (", (0, 0)),
        ("```\ndef g(x):\n    return x\n```", (1, 0)),
        ("```\ndef f():\n    return 1\n```", (1, 0)),
        ("```\ndef f(x, y):\n    return 1\n```", (1, 0)),
        ("\n    return 1" + " " * MAX_SOURCE, (0, 0)),
        ("\n    return '\ud800'", (0, 0)),
        ("\n    return 1\0", (0, 0)),
    ],
)
def test_what_is_no_such_function_never_runs(completion, parts):
    result = score(completion)
    assert (result["parses"], result["defines"], result["runs"]) == (*parts, 0)


@needs_sandbox
def test_a_program_cannot_forge_values_that_it_does_not_compute():
    forged = """
    import sys
    frame = sys._getframe(1)
    mark = frame.f_globals.get("mark")
    for number in (0, 1, 2, 3, 99, -1):
        print(mark, number, "__import__('os')")
    class Same(int):
        def __eq__(self, other): return True
    return Same(3)
"""
    assert score(forged)["passed"] == 0.0


@needs_sandbox
def test_a_program_without_end_has_an_honest_low_score():
    assert score("\n    while True: pass\n", wall_s=0.5)["reward"] == pytest.approx(0.1)


@needs_sandbox
def test_weights_are_free():
    assert score("\n    return x\n", weights=Weights(0.0, 0.0, 0.0, 1.0))["reward"] == 0.0


def test_a_continuation_gets_its_prompt_and_a_definition_does_not():
    assert source_of(PROMPT, " return 1") == PROMPT + " return 1"
    assert source_of(PROMPT, "def f(x): return 1") == "def f(x): return 1"
    assert source_of([{"role": "user", "content": "x"}], " return 1") == " return 1"


@given(st.text(max_size=300))
def test_any_text_parses_or_does_not(text):
    parse(text)


@pytest.mark.parametrize("text", ["(" * 3000, "-" * 3999, "[" * 90 + "]" * 90, "1" * 3999, "x = " + "a." * 1900])
def test_deep_and_long_texts_do_no_harm(text):
    parse(text)


PIECES = [
    "def f(x):",
    "return",
    "x",
    "f",
    "(",
    ")",
    "[",
    "]",
    ":",
    "\n",
    "\n    ",
    " ",
    "+ 1",
    "lambda",
    "'",
    '"""',
    "```",
]
PIECES += [
    "```python\n",
    "\n```",
    "\\",
    "\0",
    "\ud800",
    "\t",
    "é",
    "0x",
    "1e999",
    "if",
    "else",
    "import os",
    "#",
    "@",
    "*",
    "async ",
]
NUM_FUZZED = int(os.environ.get("FORMALRL_FUZZED_PROGRAMS", "5000"))


def test_arbitrary_completions_have_a_finite_score_before_anything_runs():
    draw = random.Random(0)
    score = ProgramsReward()
    found = {"parses": 0.0, "defines": 0.0}
    for number in range(NUM_FUZZED):
        if number % 4:
            completion = "".join(draw.choices(PIECES, k=draw.randrange(12)))
        else:
            completion = "".join(chr(draw.randrange(0x110000)) for _ in range(draw.randrange(20)))
        result = score(draw.choice((PROMPT, "", [])), completion)  # without tests there is nothing to run
        assert math.isfinite(result["reward"]) and 0 <= result["reward"] <= 0.1 + 1e-9
        for name in found:
            found[name] += result[name]
    assert 0 < found["defines"] < found["parses"] < NUM_FUZZED
