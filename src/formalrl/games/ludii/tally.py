"""Counts of random play, as they come out of Ludii."""

from collections.abc import Sequence
from typing import Any


class Tally:
    """The counts of the playouts so far."""

    def __init__(self, players: int, sites: int) -> None:
        """Start at zero."""
        self.wins = [0] * players
        self.used = bytearray(sites)
        self.playouts = self.draws = self.cut = self.turns = self.moves = self.decisions = self.branching = 0

    def add(self, natural: bool, winner: int, turns: int, moves: int, sizes: Sequence[int]) -> None:
        """Add a playout; `winner` is 0 for a draw, `sizes` the numbers of legal moves."""
        self.playouts += 1
        if not natural:
            self.cut += 1
        elif winner:
            self.wins[winner - 1] += 1
        else:
            self.draws += 1
        self.turns += turns
        self.moves += moves
        self.decisions += sum(size > 1 for size in sizes)
        self.branching += sum(sizes)

    def use(self, sites: Sequence[int]) -> None:
        """Note sites that moves began or ended at."""
        for site in set(sites):
            if 0 <= site < len(self.used):
                self.used[site] = 1

    def counts(self) -> dict[str, Any]:
        """Return the fields of Metrics."""
        names = ("playouts", "wins", "draws", "cut", "turns", "moves", "decisions", "branching")
        return {name: getattr(self, name) for name in names} | {"sites": len(self.used), "sites_used": sum(self.used)}
