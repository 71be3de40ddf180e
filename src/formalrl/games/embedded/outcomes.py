"""What generated programs call at the start and at the end of a game."""

from typing import Any

from . import actions as acts
from .state import State


def put(c: State, piece: int, sites: Any, count: int, state: int, value: int) -> None:
    """Put pieces on sites before the game; a site that another piece holds keeps it."""
    for site in sites:
        if not 0 <= site < len(c.what) - 1:
            raise IndexError(f"there is no site {site}")
        if c.what[site] in (0, piece):
            acts.act_add(c, (None, site, piece, c.game.owner[piece], count, state, value))


def put_in_hand(c: State, piece: int, hand: Any, count: int, state: int, value: int) -> None:
    """Put pieces into the first place of a hand that is empty or holds the same."""
    for site in hand:
        if c.what[site] in (0, piece):
            put(c, piece, (site,), count, state, value)
            return
    raise IndexError("the hand is full")


def fill(c: State, sites: Any, count: int) -> None:
    """Put seeds into holes before the game."""
    if len(c.game.owner) < 2:
        raise ValueError("there is no piece to count")
    for site in sites:
        acts.act_set_count(c, (None, site, count))


def finish(c: State, result: tuple[int, str]) -> None:
    """End the game with a result."""
    who, outcome = result
    c.over = True
    c.winner = 0
    if who in (1, 2) and outcome == "Win":
        c.winner = who
    elif who in (1, 2) and outcome == "Loss":
        c.winner = 3 - who


def by_score(c: State, finals: tuple[tuple[int, int], ...], misere: bool) -> None:
    """End the game; the higher score wins."""
    for who, score in finals:
        c.scores[who] = score
    a, b = c.scores[1], c.scores[2]
    if misere:
        a, b = b, a
    c.over = True
    c.winner = 1 if a > b else 2 if b > a else 0
