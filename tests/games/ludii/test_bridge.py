import pytest

from formalrl.games.ludii.bridge import OutOfMemory, _ints, _signed
from formalrl.games.ludii.worker import OutOfMemory as same


def test_seeds_become_javas_longs():
    assert [_signed(s) for s in (0, 2**63 - 1, 2**63, 2**64 - 1)] == [0, 2**63 - 1, -(2**63), -1]


def test_ints_are_copied_from_a_buffer():
    from array import array

    assert list(_ints(array("i", [1, -2, 3]))) == [1, -2, 3]
    assert same is OutOfMemory


@pytest.mark.java
def test_a_part_of_a_game_is_graded_by_what_parses(ludii):
    assert ludii.parsed_share("(if (is Line 3) (result Mover Win))") == 1
    assert 0 < ludii.parsed_share("(if (is Line 3) (result Mover Wim))") < 1
    assert ludii.parsed_share("(banana split)") < 0.5
    assert ludii.parsed_share("(if (is Line 3)") == ludii.parsed_share("") == ludii.parsed_share("(define [x])") == 0


@pytest.mark.java
@pytest.mark.parametrize("strange", ["\U0001f600", "\ud800", "\0"])
def test_characters_that_java_takes_apart_are_a_fault_of_the_text(ludii, strange):
    starts = ludii.num_starts
    assert ludii.score_text(f'(game "A" (players 2) (equip{strange}ment {{}}))', 2).status == "not_compilable"
    assert ludii.num_starts == max(starts, 1)
