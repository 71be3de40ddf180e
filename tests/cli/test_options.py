"""Options from dataclasses, and their values in argument lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from formalrl.cli.options import Option, options_of, parse
from formalrl.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Settings."""

    learning_rate: float = 1e-3
    """How fast."""
    limit: int | None = None
    sft: bool | None = None
    fast: bool = True
    mode: Literal["a", "b"] = "a"
    names: tuple[str, ...] = ()
    layers: Literal["all"] | int = "all"
    extra: Mapping[str, int] = field(default_factory=dict)


OPTIONS = list(options_of(Settings))


def values(text: str) -> Mapping[str, Any]:
    return parse(text.split(), OPTIONS, command="train").values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--learning-rate 1e-4", {"learning_rate": 1e-4}),
        ("--learning_rate=1e-4", {"learning_rate": 1e-4}),
        ("--limit -3", {"limit": -3}),
        ("--limit none", {"limit": None}),
        ("--sft", {"sft": True}),
        ("--no-sft", {"sft": False}),
        ("--sft=none", {"sft": None}),
        ("--no-fast --mode b", {"fast": False, "mode": "b"}),
        ("--fast=no", {"fast": False}),
        ("--names x y --limit 2", {"names": ("x", "y"), "limit": 2}),
        ("--names", {"names": ()}),
        ("--layers all", {"layers": "all"}),
        ("--layers 3", {"layers": 3}),
        ('--extra {"a":1}', {"extra": {"a": 1}}),
        ("--limit 1 --limit 2", {"limit": 2}),
        ("", {}),
    ],
)
def test_values_have_the_types_of_their_fields(text: str, expected: dict[str, Any]):
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "--learning-rat 1",
            "unknown option '--learning-rat': train has no such option. Did you mean '--learning-rate'?",
        ),
        ("--learning-rate x", "--learning-rate is 'x' (text), expected float."),
        ("--learning-rate", "--learning-rate has no value: write `--learning-rate FLOAT`."),
        ("--learning-rate --sft", "--learning-rate has no value"),
        ("--mode c", "expected one of a, b"),
        ("--no-mode", "unknown option '--no-mode'"),
        ("--extra {", "expected a mapping as JSON"),
        ("-x", "options have two dashes"),
        ("--sft=maybe", "--sft is 'maybe' (text), expected true or false or none"),
    ],
)
def test_mistakes_are_named(text: str, words: str):
    with pytest.raises(ConfigError) as error:
        values(text)
    assert words in str(error.value)


def test_what_is_no_option_is_positional():
    parsed = parse(["task", "--limit", "3", "b", "--", "--limit"], OPTIONS, command="train")
    assert parsed.positionals == ("task", "b", "--limit")
    assert parse(["--help"], OPTIONS, command="train").help


def test_unknown_options_can_be_passed_over():
    parsed = parse(["task", "--algorithm.lam", "3", "--limit", "1", "--what=2"], OPTIONS, command="train", lenient=True)
    assert (parsed.positionals, parsed.values, parsed.unknown) == (
        ("task",),
        {"limit": 1},
        ("--algorithm.lam", "--what=2"),
    )


def test_an_alias_sets_the_other_key():
    option = Option("reward_file", str | None, None, "", alias_of="task.reward_file")
    assert parse(["--reward-file", "r.py"], [option], command="train").values == {"task.reward_file": "r.py"}


def test_options_show_flag_and_value():
    shown = {option.flag: option.value_name for option in OPTIONS}
    assert shown == {
        "--learning-rate": "FLOAT",
        "--limit": "INT",
        "--sft": "",
        "--fast": "",
        "--mode": "a|b",
        "--names": "TEXT ...",
        "--layers": "all|INT",
        "--extra": "JSON",
    }


def test_the_values_of_an_instance_are_the_defaults():
    options = {option.key: option for option in options_of(Settings, Settings(limit=7), prefix="s.", section="x")}
    assert options["s.limit"].default == 7
    assert options["s.learning_rate"].help == "How fast."
