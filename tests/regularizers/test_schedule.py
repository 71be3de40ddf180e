import math

import pytest

from formalrl.errors import ConfigError
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled


def test_schedules_by_hand():
    assert scheduled(0.3, None, "constant", 0.7) == 0.3
    assert scheduled(0.4, 0.0, "linear", 0.25) == pytest.approx(0.3)
    assert scheduled(0.4, 0.0, "cosine", 0.5) == pytest.approx(0.2)
    # 0.2 * (1 + cos(pi / 4)) = 0.341421
    assert scheduled(0.4, 0.0, "cosine", 0.25) == pytest.approx(0.341421, abs=1e-6)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_schedules_meet_both_ends_and_stay_there(schedule):
    assert [scheduled(0.4, 0.1, schedule, x) for x in (-1, 0, 1, 2)] == pytest.approx([0.4, 0.4, 0.1, 0.1])


def test_a_coefficient_is_on_when_either_end_is():
    assert [is_on(0.0, None), is_on(0.0, 0.0), is_on(0.1, 0.0), is_on(0.0, 0.1)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("coef", "end", "schedule", "message"),
    [
        (0.1, None, "linear", "coef_end is missing"),
        (0.1, 0.2, "constant", "coef_end is 0.2"),
        (math.nan, None, "constant", "coef is nan"),
        (0.1, math.inf, "cosine", "coef_end is inf"),
        (0.1, 0.2, "step", "coef_schedule is 'step'"),
    ],
)
def test_settings_that_make_no_schedule_are_refused(coef, end, schedule, message):
    with pytest.raises(ConfigError, match=message):
        check_schedule(coef, end, schedule)
