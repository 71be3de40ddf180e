from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.consumed import Arguments
from formalrl.games.engine import Diagnostics, Limits


def test_membership_lookup_and_iteration_count_as_asking():
    args = Arguments({"a": (), "b": (), "c": (), "d": ()})
    assert args.unasked() == ["a", "b", "c", "d"]
    assert "a" in args and args.get("b") == () and args["c"] == () and "z" not in args
    assert args.unasked() == ["d"]
    assert set(args) == {"a", "b", "c", "d"} and args.unasked() == []


def test_an_argument_that_nothing_reads_is_refused(line_text):
    text = line_text.replace("(sites Empty))", "(sites Empty)) (then (remove (last To) count:2))")
    found = compile_game(text, Limits())
    assert isinstance(found, Diagnostics) and found.status == "unsupported"
    (fault,) = found.items
    assert "'count'" in fault.message and text[fault.start : fault.end] == "(remove (last To) count:2)"


def test_parts_that_a_game_need_not_use_are_no_fault(line_text):
    text = line_text.replace(
        '(piece "Cross" P2)', '(piece "Cross" P2 (move Step (to))) (regions "Rim" (sites Phase 0))'
    )
    assert not isinstance(compile_game(text, Limits()), Diagnostics)
