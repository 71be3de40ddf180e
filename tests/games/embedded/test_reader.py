import pytest

from formalrl.games.embedded.reader import SyntaxFault, read
from formalrl.games.engine import Limits


def test_spans_and_labels():
    node = read('(game "A" if:{1 -2.5})', Limits())
    assert (node.text, [i.kind for i in node.items], node.labels) == ("game", ["string", "list"], (None, "if"))
    assert [i.value for i in node.items[1].items] == [1, -2.5]
    assert (node.start, node.end) == (0, 22)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(",
        ")",
        "(a",
        "(a}",
        "{a)",
        "(a) b",
        "a",
        '("a")',
        '(a "b)',
        "(a [b])",
        "(a <b>)",
        "(a b:)",
        "(a b: c: d)",
        "(a \0)",
        "(1)",
        "(a {b:c})",
    ],
)
def test_bad_brackets_and_characters_are_syntax_faults(text):
    with pytest.raises(SyntaxFault) as caught:
        read(text, Limits())
    assert caught.value.diagnostic.kind == "syntax"


@pytest.mark.parametrize("text", ["(a " * 200, "(a " + "b " * 30_000 + ")", "(a" + " " * 200_000 + ")"])
def test_sizes_are_limited(text):
    with pytest.raises(SyntaxFault) as caught:
        read(text, Limits())
    assert caught.value.diagnostic.kind == "limit"
