import pytest

from formalrl.games.fim import Blank, Grade, blanks, cut, grade, layout, read_prompt

ROW = '(game "Row" (players 2) (equipment {(board (square 3)) (piece "Stone" Each)}) (rules (play (move Add (to (sites Empty)))) (end (if (is Line 3) (result Mover Win)))))'  # noqa: E501
BLANK = Blank(ROW[: ROW.index("(is Line 3)")], "(is Line 3)", ROW[ROW.index("(is Line 3)") + 11 :])


def test_the_prompt_has_the_format_of_the_paper_and_is_read_back():
    blank = Blank("(a ", "(b)", " (c))")
    assert blank.prompt == "### PRE:(a ### SUF:  (c))### MID:"
    assert read_prompt(blank.prompt) == Blank("(a ", "", " (c))")
    assert read_prompt("2 + 2 =") is None and read_prompt([{"role": "user", "content": blank.prompt}]) is None


def test_every_balanced_bracket_but_the_outermost_is_a_blank():
    assert [blank.middle for blank in blanks('(a (b "(" c) {(d (e))})')] == ['(b "(" c)', "(d (e))", "(e)"]
    assert all(blank.text == ROW for blank in blanks(ROW))
    assert len(blanks(ROW)) == ROW.count("(") - 1
    assert blanks("(a)") == blanks("") == blanks(")((") == []


@pytest.mark.parametrize(
    ("completion", "middle"),
    [
        ("(a (b)) (c)", "(a (b))"),
        ("  (a)) junk", "(a)"),
        ('(a ")")', '(a ")")'),
        ("(a (b)", None),
        ("a (b)", None),
        ("", None),
        (") (a)", None),
    ],
)
def test_a_completion_ends_at_the_bracket_that_closes_its_first_one(completion, middle):
    assert cut(completion) == middle


def test_layout_keeps_one_blank_where_one_is_needed():
    assert layout(" ( game  {( a ) (b if: (c) ) } 3\n) ") == "(game {(a) (b if:(c))} 3)"
    assert layout("(a [1])") == "(a [1])"


def test_grades_rise_with_every_stage():
    assert grade(BLANK, "(is Line 3)") == Grade(True, 1.0, True)
    assert grade(BLANK, "(sites Empty)") == Grade(True, 1.0, False)  # a region, where a condition is due
    assert grade(BLANK, "(is Banana (sites Empty))") == Grade(True, 0.5, False)  # one call of two
    assert grade(BLANK, "(not (is Line 3)") == Grade(False, 0.5, False)  # the open one is not counted
    assert grade(BLANK, "Line") == Grade(False, 0.0, False)
    assert grade(BLANK, "(" * 5000) == Grade(False, 0.0, False)
