"""The text of --help."""

import io

from rich.console import Console

from formalrl.cli.help import Command, show_help
from formalrl.cli.options import Option


def test_it_fits_the_width_and_says_everything():
    options = [
        Option("learning_rate", float, 1e-3, "How fast it learns, " * 9, "the run"),
        Option("a_name_that_is_much_too_long_for_its_column", str, "x", "A name.", "the run"),
        Option("sft", bool | None, None, "Warm start.", "the run"),
        Option("fast", bool, True, "Quickly.", "more"),
        Option("names", tuple[str, ...], ("a", "b"), "[markup] is text.", "more"),
    ]
    out = io.StringIO()
    command = Command("train", "TASK [OPTIONS]", "Trains.", ("train arithmetic",), "Notes.")
    show_help(Console(file=out, width=80), command, options)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "usage: formalrl train TASK [OPTIONS]",
        "--learning-rate FLOAT",
        "[0.001]",
        "--sft / --no-sft",
        "--no-fast",
        "--names TEXT ...",
        "[a b]",
        "[markup] is text.",
        "formalrl train arithmetic",
    ):
        assert words in text
    assert text.index("the run") < text.index("more")
