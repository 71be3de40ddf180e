"""Results of made-up seeds."""

from collections.abc import Callable, Sequence

import pytest

from formalrl.claims.results import SeedResult


@pytest.fixture
def seeds() -> Callable[..., list[SeedResult]]:
    """Return results whose evaluations hold the given metrics, one value a seed (or one for all)."""

    def make(rewards: Sequence[Sequence[float]] = ((),), first: float = 0.1, **last: object) -> list[SeedResult]:
        count = max([len(rewards), *(len(v) for v in last.values() if isinstance(v, list))])
        found = []
        for i in range(count):
            row = {key: value[i] if isinstance(value, list) else value for key, value in last.items()}
            curve = rewards[i % len(rewards)]
            found.append(SeedResult(i, {"step": 0, "reward": first}, row, tuple(enumerate(curve, start=1))))
        return found

    return make
