"""The verdict in its corner cases, on two made-up tasks: sums (about 60 right answers) and a yes-no question."""

import math
from collections import Counter

import numpy as np
import pytest

from formalrl.diagnostics.answers import answer_statistics
from formalrl.diagnostics.baselines import AnswerTable
from formalrl.diagnostics.evidence import Evidence
from formalrl.diagnostics.verdict import judge

N = 200
RNG = np.random.default_rng(0)
SUMS = RNG.normal(28, 14, N).round().clip(0, 99).astype(int)
YES_NO = np.array(["yes", "no"])[RNG.integers(0, 2, N)]
ANSWERS = [str(i) for i in range(100)]


def sums_table(complete=True, seen=None):
    answers = ANSWERS if seen is None else seen
    values = np.array([int(a) for a in answers])
    return AnswerTable(tuple(answers), 2 / (1 + np.exp(np.abs(values[None] - SUMS[:, None]) / 10)), complete)


def yes_no_table(complete=True, truth=YES_NO):
    return AnswerTable(("yes", "no"), (np.array(["yes", "no"])[None] == truth[:, None]).astype(float), complete)


def information(said):
    """I(prompt; answer) of a policy that is certain: the entropy of what it says."""
    return sum(-c / len(said) * math.log(c / len(said)) for c in Counter(said).values())


def sums(said, nats=None, table=None, **changes):
    said = np.asarray(said)
    nats = information(said.tolist()) if nats is None else nats
    fields = {
        "step": 120, "answers": answer_statistics([str(a) for a in said]), "num_prompts": N,
        "reward": float((2 / (1 + np.exp(np.abs(said - SUMS) / 10))).mean()), "accuracy": float((said == SUMS).mean()),
        "entropy": 0.01, "first_entropy": 4.2, "temperature": 0.0, "dependence": min(1, nats / math.log(N)),
        "dependence_nats": nats, "table": table or sums_table(),
    }  # fmt: skip
    return Evidence(**(fields | changes))


def yes_no(said, nats, truth=YES_NO, **changes):
    said = np.asarray(said)
    right = float((said == truth).mean())
    fields = {
        "step": 7, "answers": answer_statistics(said.tolist()), "num_prompts": N, "reward": right, "accuracy": right,
        "entropy": 0.02, "first_entropy": 0.69, "temperature": 0.0, "dependence": nats / math.log(N),
        "dependence_nats": nats, "table": yes_no_table(truth=truth),
    }  # fmt: skip
    return Evidence(**(fields | changes))


def nearest(answers):
    return np.array(answers)[np.abs(SUMS[:, None] - np.array(answers)[None]).argmin(axis=1)]


def best(k):
    return [int(ANSWERS[i]) for i in sums_table().best(k).indices]


def test_two_answers_at_the_two_answer_baseline_have_collapsed_in_the_words_of_the_design():
    said = nearest(best(2))
    found = judge(sums(said, nats=0.04 * math.log(60)))
    assert found.verdict == "collapsed"
    low, high = (f"`{a}`" for a in (Counter(said.tolist()).most_common(2)[i][0] for i in (0, 1)))
    value = sums_table().value(2)
    assert found.sentence.startswith(f"step 120: the policy gives 2 distinct answers ({low}, {high}) and is right on ")
    assert f"; its reward {value:.2f} is what the best two fixed answers earn ({value:.2f}); it uses" in found.sentence
    assert found.sentence.endswith("% of what its prompts tell it")


def test_a_handful_of_well_chosen_answers_has_collapsed_however_good_the_reward():
    found = judge(sums(nearest(best(8))))
    assert found.verdict == "collapsed" and "best eight fixed answers earn" in found.sentence


def test_a_constant_answer_has_collapsed():
    found = judge(sums(np.full(N, best(1)[0])))
    assert found.verdict == "collapsed"
    assert "1 distinct answer (`" in found.sentence and "is what the best single fixed answer earns" in found.sentence
    assert "uses 0 % of what" in found.sentence


def test_a_bad_constant_answer_is_below_its_baseline_and_collapsed():
    found = judge(sums(np.full(N, 90)))
    assert found.verdict == "collapsed" and "is below what the best single fixed answer earns" in found.sentence


def test_a_solved_task_is_healthy():
    found = judge(sums(SUMS))
    assert found.verdict == "healthy" and "is right on 100 % of 200 prompts" in found.sentence
    assert "is the highest these prompts allow" in found.sentence and "uses 100 % of" in found.sentence


def test_a_fresh_policy_is_learning_sampled_or_greedy():
    sampled = judge(sums(RNG.integers(0, 100, N), nats=0.0, entropy=4.2, temperature=1.0))
    assert sampled.verdict == "learning" and "is below what the best single" in sampled.sentence
    greedy = sums(np.full(N, 17), nats=0.0, entropy=4.2)
    assert judge(greedy).verdict == "learning"
    assert judge(sums(np.full(N, 17), nats=0.0, entropy=4.2, first_entropy=None)).verdict == "learning"


def test_sampled_answers_that_are_few_count_even_at_high_entropy():
    """A long explanation may vary while the answer at its end never does."""
    assert judge(sums(np.full(N, 17), nats=3.0, entropy=4.2, temperature=1.0)).verdict == "collapsed"


def test_half_way_is_learning_and_well_on_the_way_is_healthy():
    noisy = (SUMS + RNG.normal(0, 12, N).round()).astype(int)
    assert judge(sums(noisy, nats=1.0, entropy=2.5)).verdict == "learning"
    close = np.where(RNG.random(N) < 0.5, SUMS, SUMS + 1)
    found = judge(sums(close, nats=3.2))
    assert found.verdict == "healthy" and "is above what the best eight fixed answers earn" in found.sentence


def test_above_the_baseline_of_its_k_answers_is_not_collapsed():
    """Three answers cover 95 %, but the rest is right where it counts, so the reward is above the baseline at three."""
    table = AnswerTable(tuple("abcdefghijklmnopqrstuvwxyz"), np.eye(26)[np.arange(N) % 26], True)
    evidence = sums(SUMS, nats=1.0, table=table, reward=0.16, accuracy=0.16)
    few = answer_statistics(["a"] * 70 + ["b"] * 70 + ["c"] * 52 + list("defghijk"))
    assert few.num_effective == 3 and table.value(3) < 0.13
    found = judge(Evidence(**{**evidence.__dict__, "answers": few}))
    assert found.verdict == "learning" and "mostly 3 of 11 distinct answers" in found.sentence
    at_plateau = Evidence(**{**evidence.__dict__, "answers": few, "reward": table.value(3)})
    assert judge(at_plateau).verdict == "collapsed"


def test_two_answers_are_right_for_a_question_with_two_answers():
    found = judge(yes_no(YES_NO, nats=math.log(2)))
    assert found.verdict == "healthy" and "uses 100 % of" in found.sentence
    mostly = np.where(RNG.random(N) < 0.8, YES_NO, np.where(YES_NO == "yes", "no", "yes"))
    assert judge(yes_no(mostly, nats=0.5)).verdict == "healthy"
    assert judge(yes_no(mostly, nats=0.2)).verdict == "learning"


def test_a_fresh_or_constant_policy_on_a_question_with_two_answers():
    coin = np.array(["yes", "no"])[RNG.integers(0, 2, N)]
    assert judge(yes_no(coin, nats=0.0, entropy=0.69, temperature=1.0)).verdict == "learning"
    assert judge(yes_no(np.full(N, "yes"), nats=0.0)).verdict == "collapsed"


def test_a_constant_answer_that_is_mostly_right_has_collapsed_and_a_discerning_one_has_not():
    truth = np.array(["yes"] * 190 + ["no"] * 10)
    assert judge(yes_no(np.full(N, "yes"), 0.0, truth)).verdict == "collapsed"
    discerning = np.array(["yes"] * 192 + ["no"] * 8)
    found = judge(yes_no(discerning, 0.15, truth))
    assert found.verdict == "healthy"
    noisy = np.array(["yes"] * 186 + ["no"] * 4 + ["yes"] * 10)
    assert judge(yes_no(noisy, 0.0, truth)).verdict == "collapsed", "right on 93 %, but yes alone is right on 95 %"


def test_a_constant_answer_that_is_right_everywhere_is_healthy_and_says_that_this_shows_little():
    found = judge(yes_no(np.full(N, "yes"), 0.0, np.full(N, "yes")))
    assert found.verdict == "healthy" and "share one right answer" in found.sentence


@pytest.mark.parametrize("nats", [0.0, math.log(2)])
def test_unknown_answers_do_not_hide_a_collapse_to_two(nats):
    """Without `answers()` the table knows only what was said, so its ceiling means nothing."""
    two = best(2)
    said = nearest(two)
    table = sums_table(complete=False, seen=[str(a) for a in two])
    found = judge(sums(said, nats=nats, table=table))
    assert found.verdict == "collapsed" and "highest" not in found.sentence


def test_unknown_answers_of_a_question_with_two_answers():
    mostly = np.where(RNG.random(N) < 0.75, YES_NO, np.where(YES_NO == "yes", "no", "yes"))
    seen = yes_no_table(complete=False)
    assert judge(yes_no(mostly, 0.6, table=seen)).verdict == "learning"
    assert judge(yes_no(YES_NO, math.log(2), table=seen)).verdict == "healthy"
    coin = np.array(["yes", "no"])[RNG.integers(0, 2, N)]
    fresh = yes_no(coin, 0.0, entropy=0.69, temperature=1.0, table=seen, first_entropy=None)
    assert judge(fresh).verdict == "learning"


def test_without_accuracy_the_reward_decides():
    assert judge(sums(SUMS, accuracy=None)).verdict == "healthy"
    assert judge(sums(nearest(best(2)), accuracy=None)).verdict == "collapsed"
    constant_best = AnswerTable(("great", "fine"), np.array([[1.0, 0.5]] * N), False)
    said = answer_statistics(["great"] * N)
    evidence = Evidence(3, said, N, 1.0, dependence=0.0, dependence_nats=0.0, entropy=0.0, table=constant_best)
    assert judge(evidence).verdict == "collapsed"
    varied = answer_statistics([f"text {i}" for i in range(N)])
    evidence = Evidence(3, varied, N, 0.6, dependence=0.9, dependence_nats=4.0, entropy=2.0, table=constant_best)
    assert judge(evidence).verdict == "learning"


def test_one_prompt_says_nothing_about_prompts():
    one = Evidence(5, answer_statistics(["4"]), 1, 1.0, accuracy=1.0, entropy=0.0, table=None)
    found = judge(one)
    assert found.verdict == "unknown" and "one prompt cannot show" in found.sentence


def test_failed_rewards_leave_the_verdict_open():
    nothing = judge(sums(SUMS, reward=None, accuracy=None, error_rate=1.0))
    assert nothing.verdict == "unknown" and "every reward call failed (200 of 200)" in nothing.sentence
    most = judge(sums(SUMS, error_rate=0.6))
    assert most.verdict == "unknown" and "60 % of its reward calls failed" in most.sentence
    assert judge(Evidence(0, answer_statistics([]), 0, None)).verdict == "unknown"


def test_missing_numbers_are_left_out_of_the_sentence():
    bare = Evidence(5, answer_statistics(["a", "b"] * 5), 10, 0.5)
    found = judge(bare)
    assert found.verdict == "learning" and "could not be compared" in found.sentence
    assert "None" not in found.sentence and "nan" not in found.sentence
