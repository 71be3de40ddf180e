import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formalrl.rewards.arithmetic import MAX_ERROR, ArithmeticReward, reward_of_error, solution_error, solution_steps
from formalrl.rewards.expressions import MAX_TEXT

PROMPT = "5 + 3 + 10 + 2 = 5 + 13 + 2 = 18 + 2 ="
WORST = 2 / (1 + math.exp(50))


def test_the_right_answer_scores_one():
    assert ArithmeticReward()(PROMPT, "20") == ArithmeticReward()(PROMPT, " 20") == 1.0


@pytest.mark.parametrize(("answer", "error"), [("21", 1), ("19", 1), ("30", 10), ("0", 20), ("99", 79), ("-3", 23)])
def test_a_wrong_answer_scores_by_its_distance(answer, error):
    assert solution_error(PROMPT + answer, "+") == error
    assert ArithmeticReward()(PROMPT, answer) == pytest.approx(2 / (1 + math.exp(error / 10)), abs=1e-12)


def test_rewards_by_hand():
    # 2 / (1 + e^0.1) = 2 / 2.1051709 = 0.9500416; 2 / (1 + e) = 2 / 3.7182818 = 0.5378828
    assert reward_of_error(1) == pytest.approx(0.9500416, abs=1e-6)
    assert reward_of_error(10) == pytest.approx(0.5378828, abs=1e-6)
    assert reward_of_error(math.inf) == reward_of_error(500) == reward_of_error(10**9) == WORST


def test_errors_of_all_statements_add_up():
    # |18 - 17| + |18 - 20| = 3
    assert solution_error("5+3+10=5+12=20", "+") == 3


@pytest.mark.parametrize(
    "completion",
    ["", " ", "=", "= 20", "20 = 20", "20 =", "20 20", "+", "20 +", "10 + 10", "٢٠", "²", "20.0", "2 0", "020", "<eos>",
     "1" * 10, "20x", "5 * 4", "22 - 2"],
)  # fmt: skip
def test_a_malformed_last_statement_has_the_greatest_error(completion):
    assert solution_error(PROMPT + completion, "+") == MAX_ERROR
    assert ArithmeticReward()(PROMPT, completion) == WORST


@pytest.mark.parametrize(
    "text",
    ["", "5", "5=5", "5+3", "5+3+10=18", "5+3+10=5+13", "5+3+10=5+13=18=18", "5+3+10=5+3+10=18", "5+3+10==18",
     "5+3+10=18=5+13", "=8", "a+3=8"],
)  # fmt: skip
def test_every_statement_has_one_operator_fewer_and_the_last_is_a_number(text):
    assert solution_error(text) == MAX_ERROR


@pytest.mark.parametrize(
    ("completion", "steps"),
    [
        (" 8 + 10 = 18", [(9, 0), (12, 0)]),
        (" 5 + 13 = 28", [(9, 0), (12, 10)]),
        (" 9 + 10 = 18", [(9, 1), (12, 0)]),
        (" 8 + 10 = 18 = 18", [(9, 0), (17, None)]),  # goes on after the number
        (" 8 + 10 = 17 + 1", [(9, 0), (16, None)]),
        (" 18 = 18", [(8, None)]),  # an operator too few
        (" 8 + 10", [(7, None)]),  # ends too early
        (" 8 + 10 =", [(9, None)]),
        (" x + 10 = 18", [(12, None)]),
        ("", [(0, None)]),
    ],
)
def test_every_statement_earns_what_its_own_error_does(completion, steps):
    expected = [(end, 0.0 if error is None else reward_of_error(error)) for end, error in steps]
    assert list(solution_steps("5 + 3 + 10 =", completion, "+")) == expected


def test_statements_of_the_prompt_earn_nothing():
    assert solution_steps("5 + 3 + 10 = 8 + 10 =", " 18", "+") == ((3, 1.0),)
    assert solution_steps("5+3+10=9+10=", "19", "+") == ((2, reward_of_error(1)),)


@given(st.text("0123456789+= -", max_size=30), st.text("0123456789+= -", max_size=30))
def test_steps_rise_to_the_end_of_any_completion(prompt, completion):
    positions = [position for position, _ in solution_steps(prompt, completion)]
    assert positions == sorted(set(positions))
    assert not positions or positions[-1] == len(completion)


def test_errors_are_capped():
    assert solution_error("1+1=999999999") == MAX_ERROR
    assert solution_error("400+400=300") == 500.0


def test_blanks_between_tokens_do_not_matter():
    assert solution_error(" 5+ 3 +10\n=5  +13 = 18 ") == 0


def test_precedence_and_signs_count_where_the_language_has_them():
    assert solution_error("2+3*4=2+12=14", "+*") == 0
    assert solution_error("2-3*4=2-12=-10", "+-*") == 0
    assert solution_error("1+2-3=1+-1=0", "+-") == 0
    assert solution_error("2+3*4=2+12=14", "+") == MAX_ERROR


@pytest.mark.parametrize(
    ("shape", "rewards"),
    [
        ("exact", [1, 0, 0, 0, 0]),
        ("linear", [1, 29 / 30, 0.5, 0, 0]),
        ("sharp", [1, 0.4750208, 0.1824255, 0.0474259, WORST / 2]),  # half the sigmoid of every error but 0
    ],
)
def test_other_shapes(shape, rewards):
    assert [reward_of_error(error, shape) for error in (0, 1, 15, 30, 500)] == pytest.approx(rewards)


@pytest.mark.parametrize("shape", ["sigmoid", "exact", "linear", "sharp"])
def test_no_shape_rises_with_the_error(shape):
    rewards = [reward_of_error(error, shape) for error in range(600)]
    assert rewards == sorted(rewards, reverse=True) and rewards[0] == 1.0 and rewards[-1] >= 0


def test_text_beyond_the_bound_is_not_read():
    assert solution_error("5+3=8" + " " * MAX_TEXT + "x") == 0
    assert solution_error("5+3=" + "1+" * 10**6) == MAX_ERROR


def test_columns_are_accepted():
    assert ArithmeticReward()("5+3=", "8", answer="8", expression="5+3") == 1.0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(alphabet="0123456789+-*= ", max_size=80))
def test_no_completion_raises(noise, plausible):
    for completion in (noise, plausible, plausible + noise):
        for prompt in (PROMPT, "5+3=", noise):
            assert 0 <= ArithmeticReward("+-*")(prompt, completion) <= 1


def fuzz(count):
    rng = random.Random(1)
    score = ArithmeticReward("+-*")
    alphabet = "0123456789+-*= \t.²٣e"
    for _ in range(count):
        completion = "".join(rng.choices(alphabet, k=rng.randrange(24)))
        assert 0 <= score("5 + 3 =" if rng.random() < 0.5 else "", completion) <= 1


def test_twenty_thousand_completions_score_between_zero_and_one():
    fuzz(20_000)


@pytest.mark.slow
def test_a_million_completions_score_between_zero_and_one():
    fuzz(1_000_000)
