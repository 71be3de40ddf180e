import itertools

from formalrl.checks import measure
from formalrl.checks.completions import Reference
from formalrl.rewards.scorers import InProcessScorer
from formalrl.rewards.signature import RewardRow
from formalrl.types import Prompt, Score

PROMPTS = [Prompt(str(n), {"answer": str(n)}) for n in range(6)]
ROWS = [RewardRow(p.text, p.text, p.columns) for p in PROMPTS]


def exact(prompt, completion, answer):
    return float(completion == answer)


def test_repeats_count_what_changes():
    counter = itertools.count()
    assert measure.repeats(InProcessScorer(exact), ROWS) == measure.Repeats(6, 0, 0, 0)
    counting = measure.repeats(InProcessScorer(lambda p, c: next(counter)), ROWS)
    assert counting.same_seed == 6


def test_wrong_answers_and_constants():
    found = [Reference(prompt, prompt.text) for prompt in PROMPTS]
    wrong = measure.wrong_answers(InProcessScorer(exact), found, [1.0] * 6, None)
    assert (wrong.shuffled, wrong.num_ties, wrong.num_prompts) == (0.0, 0, 6)
    tied = measure.wrong_answers(InProcessScorer(lambda p, c: 1.0), found, [1.0] * 6, None)
    assert tied.num_ties == 6 and tied.example
    best = measure.best_constant(InProcessScorer(exact), PROMPTS, ["3"], 1000)
    assert best is not None and best.reward == 1 / 6


def test_errors_are_counted_by_kind():
    errors = measure.errors_in(["a", "b", "b"], [Score(1.0), Score(None, "crash", detail="x"), Score(None, "crash")])
    assert (errors.num_rows, errors.kinds, errors.names, errors.detail) == (3, {"crash": 2}, ("b",), "x")


def test_latency_has_an_order():
    latency = measure.latency(InProcessScorer(exact), ROWS)
    assert 0 < latency.median <= latency.p95


def test_torch_is_noticed_after_the_call():
    assert measure.LoadsTorch(exact)("0", "0", answer="0") in (0.0, 1.0)
    assert measure.mean([None, 1.0, 3.0]) == 2.0 and measure.mean([None]) is None
