"""Plain data to typed dataclasses: what is accepted, what is refused, and in which words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from formalrl.config_schema import build, coerce, describe, help_of, hints_of, to_plain
from formalrl.errors import ConfigError


@dataclass(frozen=True)
class Inner:
    """A section."""

    rate: float = 0.5
    """A rate,
    in [0, 1]."""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    """A configuration."""

    size: int
    """How large."""
    inner: Inner = field(default_factory=Inner)
    mode: Literal["no", "half"] = "no"
    limit: float | None = None
    pair: tuple[int, str] = (1, "a")
    extra: Mapping[str, int] = field(default_factory=dict)
    where: Path | None = None

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ConfigError("size is negative: set it to 0 or more.")


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ("1e-3", float, 1e-3),  # YAML reads 1e-3, without a dot, as text
        (3, float, 3.0),
        (4.0, int, 4),
        ("12", int, 12),
        ("1e3", int, 1000),
        (None, float | None, None),
        ("2", float | None, 2.0),
        ([1, 2], tuple[int, ...], (1, 2)),
        ("wandb", tuple[str, ...], ("wandb",)),
        (["a", "b"], list[str], ["a", "b"]),
        (False, Literal["no", "bf16"], "no"),  # YAML 1.1 reads an unquoted no as false
        ("text", int | str, "text"),
        (3, int | str, 3),
        (True, bool | None, True),
        ({"a": 1}, Mapping[str, int], {"a": 1}),
        (math.inf, float, math.inf),
        (object, Any, object),
    ],
)
def test_a_value_that_fits_becomes_its_type(value: Any, hint: Any, expected: Any):
    result = coerce(value, hint, "x")
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "hint", "words"),
    [
        ("abc", float, "x is 'abc' (text), expected float."),
        (True, int, "expected int"),
        (True, float, "expected float"),
        (1, bool, "expected true or false"),
        (1.5, int, "x is 1.5 (float), expected int."),
        (math.nan, float, "expected float"),
        (5, str, 'expected text: write it in quotes, "5".'),
        ("hal", Literal["no", "half"], "expected one of no, half. Did you mean 'half'?"),
        ("x", float | None, "expected float or none"),
        (None, int, "x is none, expected int."),
        ([1, "b"], tuple[int, ...], "x[1] is 'b'"),
        ([1], tuple[int, int], "expected 2 values (int, int)"),
        (3, tuple[str, ...], "expected list of text"),
        ([1], Mapping[str, int], "expected mapping"),
        (3, Inner, "expected Inner: a section with rate, names."),
    ],
)
def test_a_value_that_does_not_fit_says_what_was_found_and_what_is_expected(value: Any, hint: Any, words: str):
    with pytest.raises(ConfigError) as error:
        coerce(value, hint, "x")
    assert words in str(error.value)


def test_plain_data_and_back_is_the_same_object():
    outer = Outer(3, Inner(0.25, ("a", "b")), "half", 1.5, (2, "b"), {"k": 1}, Path("runs"))
    assert build(Outer, to_plain(outer), "") == outer


def test_an_unknown_key_names_its_path_and_the_nearest_one():
    with pytest.raises(ConfigError, match=r"'inner\.rat'.*Did you mean 'inner\.rate'\?"):
        build(Outer, {"size": 1, "inner": {"rat": 1}}, "")


def test_a_missing_value_is_named():
    with pytest.raises(ConfigError, match=r"model\.size is not set"):
        build(Outer, {}, "model")


def test_an_error_of_the_dataclass_names_the_section():
    with pytest.raises(ConfigError, match="model: size is negative"):
        build(Outer, {"size": -1}, "model")


def test_help_is_the_docstring_under_the_field_in_one_line():
    assert help_of(Inner) == {"rate": "A rate, in [0, 1]."}
    assert help_of(Outer) == {"size": "How large."}


def test_types_are_described_in_words():
    assert describe(hints_of(Outer)["limit"]) == "float or none"
    assert describe(Literal["a", "b"]) == "one of a, b"
    assert describe(tuple[str, ...]) == "list of text"
    assert describe(Mapping[str, int]) == "mapping"
