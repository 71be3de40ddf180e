import json

import pytest

from formalrl.tasks.program_space import LEVELS, Programs
from formalrl.tasks.rows import is_held_out


@pytest.mark.parametrize("level", LEVELS)
def test_reference_solutions_pass_their_tests(level):
    for program in Programs(level, 0, "train", 60):
        names = {}
        exec(program.prompt() + program.body(), names)
        tests = program.tests()
        assert [names["f"](x) for x, _ in tests] == [y for _, y in tests]
        assert json.loads(json.dumps(tests)) == tests == program.tests()


def test_splits_follow_the_hash_and_programs_are_worth_asking():
    for split in ("train", "eval"):
        for program in Programs(5, 0, split, 80):
            assert is_held_out(program.prompt()) == (split == "eval")
            assert program.is_worth_asking()


def test_draws_are_deterministic_and_sequences():
    programs = Programs(3, 0, "train", 50)
    assert programs[:50] == list(Programs(3, 0, "train", 50)) and programs[-1] == programs[49]
    assert programs[:50] != Programs(3, 1, "train", 50)[:50]
    with pytest.raises(IndexError):
        programs[50]


def test_levels_hold_what_they_say():
    for level, kinds in [(1, {"int"}), (2, {"int"}), (3, {"int", "list"}), (4, {"int", "list", "str"})]:
        assert {p.kind for p in Programs(level, 0, "train", 100)} == kinds
    assert max(len(p.steps) for p in Programs(5, 0, "train", 100)) == 4
