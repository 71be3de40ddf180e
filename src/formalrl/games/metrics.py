"""Measures of a game and scalar rewards: pure functions of the counts of random play, the same for every engine."""

import math
from dataclasses import asdict
from itertools import combinations

from .engine import Metrics


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def balance(metrics: Metrics) -> float:
    """Return 1 - max over pairs of players of |wins_a - wins_b| / n; draws and cut playouts count for nobody."""
    gaps = [abs(a - b) for a, b in combinations(metrics.wins, 2)]
    return 1.0 - _share(max(gaps, default=0), metrics.playouts)


def completion(metrics: Metrics) -> float:
    """Return the share of playouts with a winner."""
    return _share(sum(metrics.wins), metrics.playouts)


def drawishness(metrics: Metrics) -> float:
    """Return 1 - (draws + cut playouts) / n, as the paper does; stock Ludii's class of that name is the opposite."""
    return 1.0 - _share(metrics.draws + metrics.cut, metrics.playouts)


def mean_turns(metrics: Metrics) -> float:
    """Return the mean number of turns of a playout."""
    return _share(metrics.turns, metrics.playouts)


def decision_moves(metrics: Metrics) -> float:
    """Return the share of states with more than one legal move."""
    return _share(metrics.decisions, metrics.moves)


def mean_branching(metrics: Metrics) -> float:
    """Return the mean number of legal moves."""
    return _share(metrics.branching, metrics.moves)


def coverage(metrics: Metrics) -> float:
    """Return the share of board sites that any move of any playout used."""
    return _share(metrics.sites_used, metrics.sites)


def natural_ends(metrics: Metrics) -> float:
    """Return the share of playouts that a rule ended, not the limit on turns or moves."""
    return 1.0 - _share(metrics.cut, metrics.playouts)


def decisive_balance(metrics: Metrics) -> float:
    """Return the balance over the playouts that have a winner; 0 without any."""
    decided = sum(metrics.wins)
    gaps = [abs(a - b) for a, b in combinations(metrics.wins, 2)]
    return 1.0 - max(gaps, default=0) / decided if decided else 0.0


def paper_reward(metrics: Metrics) -> float:
    """Return the reward of arXiv 2410.17126, task 3.

    0 not compilable; 0.05 not playable (an exception, or fewer than 2 turns on average); 0.01 a time-out or a crash;
    else (balance^(1/3) + completion^(1/3) + drawishness^(1/3)) / 3. NaN becomes 0.
    """
    if metrics.status in ("not_compilable", "unsupported"):
        return 0.0
    if metrics.status in ("timeout", "engine_error"):
        return 0.01
    if metrics.status == "unplayable" or not mean_turns(metrics) >= 2:
        return 0.05
    parts = (balance(metrics), completion(metrics), drawishness(metrics))
    reward = sum(max(0.0, part) ** (1 / 3) for part in parts) / 3
    return reward if math.isfinite(reward) else 0.0


def harmonic(values: "tuple[float, ...]", floor: float = 0.01) -> float:
    """Return the harmonic mean of max(floor, x); NaN counts as the floor."""
    bounded = [x if x >= floor else floor for x in values]
    return len(bounded) / sum(1 / x for x in bounded)


def passes_gate(metrics: Metrics) -> bool:
    """Return whether random play is balanced and has choices: the first gate of arXiv 2407.09388."""
    return metrics.status == "ok" and balance(metrics) >= 0.5 and decision_moves(metrics) >= 0.5


def gavel_fitness(metrics: Metrics, skill: float | None = None) -> float:
    """Return the fitness of arXiv 2407.09388, in [0, 1].

    Args:
        metrics: Counts of play.
        skill: Share of games that a UCT player wins against a random one; left out of the mean when None.
    """
    if metrics.status != "ok":
        return 0.0
    enough = (
        completion(metrics) >= 0.2,
        mean_turns(metrics) >= 3,
        decision_moves(metrics) >= 0.1,
        coverage(metrics) >= 0.1,
    )
    if not all(enough):
        return 0.0
    parts = (balance(metrics), completion(metrics), drawishness(metrics), decision_moves(metrics))
    return harmonic(parts if skill is None else (*parts, skill))


def turns_trapezoid(turns: float, limit: float) -> float:
    """Return 0 at 2 turns or fewer, 1 from 10 to 150, and a line down to 0 at the limit."""
    if not 2 < turns < limit:
        return 0.0
    if turns < 10:
        return (turns - 2) / 8
    return 1.0 if turns <= 150 else (limit - turns) / (limit - 150)


def quality(metrics: Metrics, max_turns: int = 500) -> float:
    """Return the harmonic mean of decisive balance, natural wins, decision moves and the trapezoid of mean turns."""
    if metrics.status != "ok" or not metrics.playouts:
        return 0.0
    limit = max_turns * max(1, len(metrics.wins))
    trapezoid = turns_trapezoid(mean_turns(metrics), limit)
    return harmonic((decisive_balance(metrics), completion(metrics), decision_moves(metrics), trapezoid))


def as_dict(metrics: Metrics, max_turns: int = 500) -> dict[str, object]:
    """Return the counts, the measures and the scalar rewards, NaN as None: what `--json` prints."""
    measures: dict[str, float] = {
        "balance": balance(metrics),
        "completion": completion(metrics),
        "drawishness": drawishness(metrics),
        "mean_turns": mean_turns(metrics),
        "mean_moves": _share(metrics.moves, metrics.playouts),
        "mean_branching": mean_branching(metrics),
        "decision_moves": decision_moves(metrics),
        "coverage": coverage(metrics),
        "natural_ends": natural_ends(metrics),
        "decisive_balance": decisive_balance(metrics),
        "paper_reward": paper_reward(metrics),
        "gavel_fitness": gavel_fitness(metrics),
        "quality": quality(metrics, max_turns),
    }
    counts: dict[str, object] = {k: v for k, v in asdict(metrics).items() if k != "diagnostics"}
    faults = [asdict(d) for d in metrics.diagnostics]
    counts["diagnostics"] = faults
    counts.update((k, v if math.isfinite(v) else None) for k, v in measures.items())
    return counts
