"""A small player that searches by random playouts from the position (UCT), for the embedded engine."""

import math
import random
from dataclasses import dataclass, field

from .embedded.program import Game, choose
from .embedded.state import Move, State


@dataclass(slots=True)
class _Node:
    mover: int
    untried: list[Move]
    moves: list[Move] = field(default_factory=list[Move])
    children: "list[_Node]" = field(default_factory=lambda: [])
    visits: int = 0
    value: float = 0.0
    """Sum of results for the player who moved into this node."""


@dataclass(frozen=True, slots=True)
class Uct:
    """Plays the most visited move after a number of playouts."""

    iterations: int = 100
    exploration: float = math.sqrt(2)
    max_turns: int = 200
    """A playout is cut, as a draw, this many turns of every player into the game."""

    def choose(self, game: Game, state: State, rng: random.Random) -> Move:
        """Return a move for the player whose turn it is."""
        root = _Node(state.seat, game.moves(state))
        if len(root.untried) == 1:
            return root.untried[0]
        for _ in range(self.iterations):
            self._iterate(game, state.copy(), root, rng)
        best = max(range(len(root.moves)), key=lambda k: root.children[k].visits)
        return root.moves[best]

    def _iterate(self, game: Game, c: State, root: _Node, rng: random.Random) -> None:
        path, node = [root], root
        movers = [0]
        while not c.over and not node.untried and node.children:
            mover = c.seat
            log = math.log(node.visits)
            k = max(range(len(node.children)), key=lambda k: self._bound(node.children[k], log))
            game.play(c, node.moves[k])
            node = node.children[k]
            path.append(node)
            movers.append(mover)
        if not c.over and node.untried:
            mover = c.seat
            move = node.untried.pop(rng.randrange(len(node.untried)))
            game.play(c, move)
            child = _Node(c.seat, game.moves(c))
            node.moves.append(move)
            node.children.append(child)
            path.append(child)
            movers.append(mover)
        while not c.over and not game.is_cut(c, self.max_turns):
            game.play(c, choose(game, c, rng)[0])
        winner = c.winner if c.over else 0
        for visited, mover in zip(path, movers, strict=True):
            visited.visits += 1
            visited.value += 0.5 if not winner else float(winner == mover)

    def _bound(self, child: _Node, log: float) -> float:
        return child.value / child.visits + self.exploration * math.sqrt(log / child.visits)


def skill(game: Game, games: int = 10, iterations: int = 50, seed: int = 0, max_turns: int = 200) -> float:
    """Return the share of games that UCT wins against random play, changing sides; draws count a half."""
    rng, player, points = random.Random(seed), Uct(iterations), 0.0
    for number in range(games):
        side = 1 + number % 2
        c = game.start()
        while not c.over and not game.is_cut(c, max_turns):
            move = player.choose(game, c, rng) if c.seat == side else choose(game, c, rng)[0]
            game.play(c, move)
        points += 0.5 if not (c.over and c.winner) else float(c.winner == side)
    return points / games if games else math.nan
