"""From results to a verdict: what every claim has in common, and how two intervals are compared."""

from collections.abc import Mapping

from formalrl.claims.parts import CONFIRMED, NOT_CONFIRMED, RAN, UNDECIDED, Claim, Judgement, Results
from formalrl.experiments.showing import show_percent
from formalrl.experiments.statistics import Interval

MIN_SEEDS = 3
"""Two seeds of each of two settings are ordered by chance alone in one case of six (three: in one of twenty)."""


def judge(claim: Claim, scale: str, results: Results, wanted: int) -> Judgement:
    """Return the verdict on a claim.

    Args:
        claim: what is tested.
        scale: the scale of the runs; `smoke` proves nothing but that they run.
        results: the finished seeds of every setting.
        wanted: seeds that each setting should have.
    """
    names = claim.scales[scale].settings
    counts = {name: len(results.get(name, ())) for name in names}
    missing = [f"{name}: {count} of {wanted}" for name, count in counts.items() if count < wanted]
    if scale == "smoke":
        if missing:
            return Judgement(UNDECIDED, "not all runs finished", f"finished seeds: {'; '.join(missing)}")
        count = sum(counts.values())
        return Judgement(RAN, f"{count} run{'s' * (count != 1)} of a few steps", "smoke runs are too short to say more")
    if min(counts.values()) < MIN_SEEDS:
        told = "; ".join(f"{name}: {count}" for name, count in counts.items())
        why = f"fewer than {MIN_SEEDS} finished seeds give no interval to rely on ({told})"
        return Judgement(UNDECIDED, "too few finished seeds", why)
    found = claim.judge(results)
    late = f"; only some seeds are finished ({'; '.join(missing)})" if missing else ""
    return Judgement(found.verdict, found.ours, found.reason + late)


def follows(parts: Mapping[str, bool | None], ours: str) -> Judgement:
    """Return the verdict on parts that must all hold: True shown, False its opposite shown, None neither."""
    if all(parts.values()):
        return Judgement(CONFIRMED, ours, f"intervals lie apart for: {'; '.join(parts)}")
    against = [name for name, holds in parts.items() if holds is False]
    if against:
        return Judgement(NOT_CONFIRMED, ours, f"the opposite was found of: {'; '.join(against)}")
    unclear = [name for name, holds in parts.items() if holds is None]
    return Judgement(UNDECIDED, ours, f"intervals overlap for: {'; '.join(unclear)}")


def above(one: Interval, other: Interval) -> bool | None:
    """Return whether `one` lies above `other`, None where their intervals overlap."""
    if one.low > other.high:
        return True
    return False if one.high < other.low else None


def share_text(interval: Interval) -> str:
    """Return `5 of 5 (57 to 100 %)`."""
    low, high = (show_percent(round(bound, 2)).removesuffix(" %") for bound in (interval.low, interval.high))
    return f"{round(interval.value * interval.n)} of {interval.n} ({low} to {high} %)"
