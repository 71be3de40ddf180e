"""When a level begins: by hand, as a pure function of state and metrics."""

import json

import pytest

from formalrl.errors import ConfigError
from formalrl.training.curriculum import CurriculumConfig, advance, level_of

CONFIG = CurriculumConfig(advance_at=0.5, window=2)


def after(successes, config=CONFIG, num_levels=3):
    state = {}
    for success in successes:
        state = advance(config, num_levels, state, {"curriculum/success": success})
    return state


def test_the_moving_success_by_hand():
    # window 2: the first step counts whole, then each step halves the distance
    assert after([0.2]) == {"level": 0, "steps": 1, "success": pytest.approx(0.2)}
    assert after([0.2, 0.6])["success"] == pytest.approx(0.4)
    assert after([0.2, 0.6, 0.1])["success"] == pytest.approx(0.25)


def test_the_level_rises_at_the_threshold_and_not_before_a_window_of_steps():
    assert level_of(after([1.0])) == 0
    assert after([1.0, 0.0]) == {"level": 1, "steps": 0, "success": 0.0}
    assert level_of(after([1.0, 0.0, 1.0])) == 1
    assert level_of(after([1.0] * 4)) == 2


def test_the_last_level_stays():
    assert level_of(after([1.0] * 20)) == 2
    assert after([1.0] * 20)["success"] == pytest.approx(1.0)


def test_a_step_without_success_moves_nothing():
    state = after([0.2])
    assert advance(CONFIG, 3, state, {"reward/error_rate": 1.0}) == state
    assert advance(CONFIG, 3, state, {"curriculum/success": float("nan")}) == state
    assert advance(CurriculumConfig(), 3, {}, {"curriculum/success": 1.0}) == {}


def test_a_state_that_went_through_json_goes_on_alike():
    successes = [0.1, 0.3, 1 / 3, 0.7, 0.9, 0.55]
    state = {}
    for success in successes:
        state = json.loads(json.dumps(advance(CONFIG, 3, state, {"curriculum/success": success})))
    assert state == after(successes)


def test_rehearsal_leaves_a_prompt_of_the_level_itself():
    config = CurriculumConfig(advance_at=0.5, rehearsal=0.25)
    assert [config.num_rehearsed(level, 8) for level in (0, 1, 2)] == [0, 2, 2]
    assert CurriculumConfig(rehearsal=0.9).num_rehearsed(1, 1) == 0


def test_levels_come_one_after_the_other_or_all_at_once():
    CurriculumConfig(mixture=True).check()
    with pytest.raises(ConfigError, match=r"curriculum\.mixture asks all levels at once"):
        CurriculumConfig(mixture=True, advance_at=0.5).check()


@pytest.mark.parametrize(
    "setting", [{"window": 0}, {"rehearsal": 1.0}, {"rehearsal": -0.1}, {"advance_at": float("nan")}]
)
def test_what_cannot_work_is_refused(setting):
    with pytest.raises(ConfigError, match=f"curriculum.{next(iter(setting))}"):
        CurriculumConfig(**setting).check()
