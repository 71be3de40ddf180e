"""Heat maps over two numeric settings, and reward against its price."""

from pathlib import Path

import pytest

from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.planes import draw_heat_map, draw_trade, heat_maps, trades
from formalrl.experiments.comparison.scores import outcomes
from formalrl.experiments.runs import RunFolder, Samples


def run(x, y, reward=0.5, verdict="learning", kl=1.0, **more):
    evals = tuple(
        {"step": step, "reward": reward * step / 2, "verdict": verdict, "kl_ref": kl * step, "ref_perplexity": None}
        for step in (0, 2)
    )
    config = {"seed": 0, "max_steps": 2, "a": x, "b": y, **more}
    return RunFolder(Path(f"{x}-{y}"), config, {}, (), evals, (), Samples())


def maps_of(runs):
    comparison = compare(runs)
    return heat_maps(comparison, outcomes(comparison)[0])


def test_two_numeric_keys_make_maps_of_reward_and_collapse():
    runs = [run(x, y, reward=x + y, verdict="collapsed" if x + y == 0 else "learning") for x in (0, 1) for y in (0, 2)]
    reward, collapsed = maps_of(runs)
    assert (reward.y_key, reward.x_key, reward.y_values, reward.x_values) == ("a", "b", (0, 1), (0, 2))
    assert {place: score for place, (score, _) in reward.cells.items()} == {
        (0, 0): 0.0, (2, 0): 2.0, (0, 1): 1.0, (2, 1): 3.0,
    }  # fmt: skip
    assert collapsed.cells[0, 0] == (1.0, "1 of 1") and collapsed.cells[2, 1] == (0.0, "0 of 1")
    assert reward.description().startswith("Final reward over b and a: 3.000 at b 2 and a 1; 2.000 at b 2 and a 0")


def test_a_cell_without_a_run_stays_empty():
    reward = maps_of([run(0, 0), run(0, 1), run(1, 0)])[0]
    assert len(reward.cells) == 3
    texts = {text.get_text() for text in draw_heat_map(reward).axes[0].texts}
    assert texts == {"0.500"} and len(draw_heat_map(reward).axes[0].texts) == 3


@pytest.mark.parametrize("runs", [[run(0, 0), run(1, 0)], [run("x", 0), run("x", 1), run("y", 0)]])
def test_other_comparisons_have_no_map(runs):
    assert maps_of(runs) == []


def test_reward_against_kl_has_a_line_a_seed_and_ends_at_the_last_evaluation():
    setting = compare([run(0, 0, reward=0.5, kl=3.0)]).settings[0]
    (trade,) = trades([(setting, "plain", "#0060a8")])
    assert trade.name == "reward_kl"
    assert trade.paths[0].seeds == (((0.0, 0.0), (6.0, 0.5)),)
    assert "plain ends at a reward of 0.5" in trade.description()
    assert draw_trade(trade).axes[0].get_xlabel() == trade.x_name
