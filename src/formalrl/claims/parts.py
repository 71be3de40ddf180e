"""What a claim is: a sentence, the runs that test it at three scales, and how a verdict follows from their results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from formalrl.claims.results import SeedResult
from formalrl.config_parts import merge, nested

CONFIRMED, NOT_CONFIRMED, UNDECIDED, RAN = "confirmed", "not confirmed", "undecided", "ran"
VERDICTS = (CONFIRMED, NOT_CONFIRMED, UNDECIDED, RAN)
"""`ran` is all that runs of the scale `smoke` can come to."""
SCALES = ("smoke", "laptop", "paper")
SMOKE_SEEDS, SEEDS = 1, 5

Results = Mapping[str, Sequence[SeedResult]]
"""Name of a setting -> its finished seeds."""


@dataclass(frozen=True)
class Judgement:
    """What the results say about the claim."""

    verdict: str
    """One of VERDICTS."""
    ours: str
    """What was measured, with intervals."""
    reason: str
    """Why the verdict follows."""


@dataclass(frozen=True)
class Scale:
    """The runs that test a claim at one size."""

    settings: Mapping[str, Mapping[str, Any]]
    """Name of a setting -> its plain settings, `seed` and `output_dir` left out."""
    seeds: int = SEEDS
    note: str = ""
    """What was fitted to the scale, and why."""
    models: tuple[str, ...] = field(default=())
    """Models by name that the runs need; they are looked for before anything starts."""


@dataclass(frozen=True)
class Claim:
    """One claim of the paper."""

    name: str
    """As in `formalrl reproduce NAME`."""
    sentence: str
    paper: str
    """The paper's finding, in a few words."""
    rule: str
    """What confirms the claim, so that a reader can disagree."""
    scales: Mapping[str, Scale]
    """One of each of SCALES."""
    judge: Callable[[Results], Judgement]
    """The verdict on three seeds or more of every setting; pure."""


def changed(settings: Mapping[str, Any], *changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain settings with others above them, later ones last; keys may be dotted."""
    found = nested(settings)
    for above in changes:
        found = merge(found, nested(above))
    return found
