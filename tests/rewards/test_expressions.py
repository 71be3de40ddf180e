import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formalrl.rewards.expressions import MAX_DIGITS, MAX_MAGNITUDE, Statement, parse_number, parse_statement

NOISY = "0123456789+-*= \t\n.e_²٣½()/jx\u3000\x00"


@pytest.mark.parametrize(
    ("text", "value", "num_operators"),
    [
        ("8", 8, 0),
        (" 5 + 13\t+2\n", 20, 2),
        ("0", 0, 0),
        ("-3", -3, 0),
        ("5 - -3", 8, 1),
        ("5--3", 8, 1),
        ("5 + -3", 2, 1),
        ("-0", 0, 0),
        ("2+3*4", 14, 2),
        ("2*3+4*5-6", 20, 4),
        ("9-2*3*-1", 15, 3),
        ("9-2-3", 4, 2),
        ("0*7-1", -1, 2),
    ],
)
def test_statements_have_the_value_of_ordinary_precedence(text, value, num_operators):
    assert parse_statement(text) == Statement(value, num_operators)


@pytest.mark.parametrize(
    "text",
    ["", " ", "+", "5+", "+5", "5 5", "1 0", "08", "00", "5**2", "5++2", "- 3", "--3", "5 - - 3", "5.0", "1e3", "1_000",
     "(5)", "5/2", "0x1", "٣", "²", "1²", "\uff13", "5\u00a0+3", "5\x00", "<eos>", "5=5"],
)  # fmt: skip
def test_anything_outside_the_grammar_does_not_parse(text):
    assert parse_statement(text) is None


def test_only_the_operators_of_the_language_parse():
    assert parse_statement("5+3", "+") == Statement(8, 1)
    assert parse_statement("5-3", "+") is None
    assert parse_statement("5*3", "+-") is None
    assert parse_statement("-3", "+") == Statement(-3, 0)


def test_numbers_and_values_are_bounded():
    assert parse_number("9" * MAX_DIGITS) == 10**MAX_DIGITS - 1
    assert parse_number("9" * (MAX_DIGITS + 1)) is None
    assert parse_statement("1000000*1000000") == Statement(MAX_MAGNITUDE, 1)
    assert parse_statement("1000000*1000001") is None
    assert parse_statement("1000000*1000001*0") is None
    assert parse_statement("1000000*1000000+1-2") is None
    assert parse_statement("1000000*1000000+1") is None
    assert parse_statement("*".join(["9"] * 5000)) is None


@pytest.mark.parametrize("piece", ["5+", "1000*0*", "-", "9" * 9 + "*0-", "0", " ", "5 \t"])
def test_the_cost_is_linear_in_the_text(piece):
    def seconds(text):
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            parse_statement(text)
            best = min(best, time.process_time() - start)
        return best

    text = piece * (20_000 // len(piece))
    assert seconds(text * 4) < 12 * seconds(text) + 0.01


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet=NOISY, max_size=60)))
def test_no_text_raises(text):
    parsed = parse_statement(text)
    assert parsed is None or (abs(parsed.value) <= MAX_MAGNITUDE and parsed.num_operators >= 0)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=8), st.data())
def test_whatever_the_language_can_say_agrees_with_python(numbers, data):
    text = str(numbers[0])
    for number in numbers[1:]:
        gap = data.draw(st.sampled_from(["", " ", "  "]))
        text += f"{gap}{data.draw(st.sampled_from('+-*'))}{gap}{number}"
    python = eval(text)
    expected = None if abs(python) > MAX_MAGNITUDE else python
    parsed = parse_statement(text)
    assert parsed is None or parsed.value == expected
    assert parsed is not None or len(numbers) > 7


def fuzz(count):
    rng = random.Random(0)
    parsed = 0
    for _ in range(count):
        if rng.random() < 0.8:
            text = "".join(rng.choices(NOISY, k=rng.randrange(30)))
        else:
            text = "".join(
                chr(rng.choice((rng.randrange(128), rng.randrange(0x110000)))) for _ in range(rng.randrange(30))
            )
        parsed += parse_statement(text) is not None
    return parsed


def test_twenty_thousand_arbitrary_strings_never_raise():
    assert fuzz(20_000) > 0


@pytest.mark.slow
def test_a_million_arbitrary_strings_never_raise():
    assert fuzz(1_000_000) > 0
