"""The watch adds up blocks of one name."""

from formalrl.training.stopwatch import Stopwatch


def test_blocks_of_one_name_add_up():
    clock = Stopwatch()
    for _ in range(2):
        with clock("sample"):
            pass
    assert set(clock.seconds) == {"sample"}
    assert 0 <= clock.seconds["sample"] <= clock.total()
