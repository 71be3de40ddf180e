"""What generated move generators call: what a move leads to."""

from collections.abc import Callable, Iterable

from . import actions as acts
from .runtime import COPY, Near, OverBudget, Test, counted, spend
from .runtime_moves import FirstTo, Thens, finds, gathered
from .state import Action, Generator, Move, State

# ------------------------------------------------------------------ what follows


def perform(c: State, move: Move, done: list[Action]) -> None:
    """Do the actions of a move, then its consequences; add all of them to those that are done."""
    for action in move[2]:
        action[0](c, action)
    done += move[2]
    for then in move[3]:
        effects: list[Move] = []
        then(c, effects, ())
        for effect in effects:
            perform(c, effect, done)


def apply_move(c: State, move: Move) -> list[Action]:
    """Do a decision of a player and return what was done: the board changes, whose turn it is does not.

    What follows a move sees only the decision as the last move; the ends and the next moves see all that followed.
    """
    c.pending.clear()
    for action in move[2]:
        action[0](c, action)
    c.last_from, c.last_to = move[0], move[1]
    c.last_pass = move[2][0][0] is act_pass
    c.moves += 1
    c.applied, done = move[2], list(move[2])
    for then in move[3]:
        effects: list[Move] = []
        then(c, effects, ())
        for effect in effects:
            perform(c, effect, done)
    if c.to_clear and c.nxt != c.mover:
        for site in c.to_clear:
            acts.act_remove(c, (None, site))
        c.to_clear.clear()
    c.applied = done
    return done


def after_to(c: State) -> int:
    """Return the last site that the last move, with all that followed from it, went to or changed; -1 for none."""
    for action in reversed(c.applied):
        place = acts.SITE_OF.get(action[0])
        if place is not None and action[place] >= 0:
            return action[place]
    return -1


def act_pass(c: State, a: Action) -> None:
    """Pass the turn."""


def followed(moves: list[Move], th: Thens) -> list[Move]:
    """Return moves with more that follows them."""
    return [(f, t, made, following + th) for f, t, made, following in moves] if th else moves


def filter_after(c: State, out: list[Move], moves: list[Move], test: Callable[[State], bool], th: Thens) -> None:
    """Keep the moves after which a condition holds, each with what follows it."""
    for move in moves:
        if holds_after(c, move, test):
            out.append((move[0], move[1], move[2], move[3] + th))


def holds_after(c: State, move: Move, test: Callable[[State], bool]) -> bool:
    """Return whether a condition holds once a move is done.

    Where the mover moves again, the next player is taken to be the one who moved before.
    """
    new = c.copy()
    spend(new, COPY)
    apply_move(new, move)
    if new.nxt == new.mover:
        new.nxt = new.prev
    held = test(new)
    c.work = new.work
    return held


def do_then(c: State, out: list[Move], first: Generator, second: Generator, th: Thens) -> None:
    """Do the first moves, then generate the second ones; what was done first is part of each of them."""
    before: list[Move] = []
    first(c, before, ())
    new = c.copy()
    spend(new, COPY)
    for move in before:
        perform(new, move, [])
    after: list[Move] = []
    second(new, after, th)
    c.work = new.work
    actions, thens = gathered(before)
    for f, t, made, following in after:
        out.append((f, t, actions + made, thens + following))


def longest(c: State, moves: list[Move]) -> list[Move]:
    """Keep the moves that begin the longest sequences of moves of one turn."""
    if len(moves) < 2:
        return moves
    if c.deep >= _DEEPEST:
        raise OverBudget("a search for the longest sequence within too many others")
    c.deep += _LEVEL
    lengths = [_length(c, move) for move in moves]
    c.deep -= _LEVEL
    most = max(lengths)
    kept = [move for move, length in zip(moves, lengths, strict=True) if length == most]
    c.longest = most, kept
    return kept


_LEVEL, _DEEPEST = 4, 4 * 30
"""Nested searches for the longest sequence are counted above the two lowest bits of `deep`."""


def _length(c: State, move: Move) -> int:
    """Return the most moves that a turn can have from a move on."""
    new, mover, length = c.copy(), c.mover, 1
    spend(new, COPY)
    c.game.play(new, move)
    if not new.over and new.mover == mover:
        new.longest = 0, ()
        following = c.game.moves(new)
        most, kept = new.longest
        if len(kept) != len(following) or any(a is not b for a, b in zip(kept, following, strict=True)):
            new.deep += _LEVEL
            if new.deep > _DEEPEST:
                raise OverBudget("a turn of too many moves within a search for the longest")
            most = max(_length(new, m) for m in following)
        length += most
    c.work = new.work
    return length


def most_captures(c: State, moves: list[Move]) -> list[Move]:
    """Keep the moves that capture most, with what follows from them, but not with further moves of the turn."""
    if len(moves) < 2:
        return moves
    numbers = [_captures(c, move) for move in moves]
    most = max(numbers)
    return [move for move, number in zip(moves, numbers, strict=True) if number == most]


def _captures(c: State, move: Move) -> int:
    new = c.copy()
    spend(new, COPY)
    done = apply_move(new, move)
    c.work = new.work
    return sum(action[0] in (acts.act_remove, acts.act_remove_later) for action in done)


def no_moves_next(c: State) -> bool:
    """Return whether the next player will have no move."""
    if c.deep & 2:
        return False
    mover, nxt, prev = c.mover, c.nxt, c.prev
    if not c.over:
        c.prev, c.mover, c.nxt = mover, nxt, 3 - nxt
    c.deep |= 2
    stuck = c.game.stuck(c)
    c.deep &= ~2
    c.stale[c.mover] = stuck
    c.mover, c.nxt, c.prev = mover, nxt, prev
    return c.stale[nxt]


def threatened(c: State, what: int | None, sites: Iterable[int] | None) -> bool:
    """Return whether the other player could move onto a piece."""
    if c.deep & 1:
        return False
    if sites is None:
        sites = [s for s in range(c.game.board_size) if c.what[s] == what and what]
    mover, nxt, prev, deep = c.mover, c.nxt, c.prev, c.deep
    found = False
    for site in sites:
        if site < 0:
            continue
        spend(c, 1)
        owner = c.game.owner[what] if what else c.who[site]
        if owner not in (1, 2):
            continue
        c.prev, c.mover, c.nxt = owner, 3 - owner, owner
        c.deep = deep | 1
        found = finds(c, c.game.generator(c), FirstTo(site))
        c.mover, c.nxt, c.prev, c.deep = mover, nxt, prev, deep
        if found:
            break
    return found


def ends_of_moves(c: State, generate: Generator, end: int) -> list[int]:
    """Return the origins (0) or targets (1) of moves."""
    moves: list[Move] = []
    generate(c, moves, ())
    sites = [m[1] if end else m[0] for m in counted(c, moves)]
    return list(dict.fromkeys(s for s in sites if s >= 0))


def groups(c: State, near: Near, test: Test) -> list[list[int]]:
    """Return the groups of sites on the board: of the mover's pieces, or of occupied sites passing a test of (to)."""
    spend(c, c.game.board_size)
    old, out, seen = c.to, list[list[int]](), set[int]()
    for start in range(c.game.board_size):
        c.to = start
        if start in seen or not c.what[start] or not (test(c) if test is not None else c.who[start] == c.mover):
            continue
        found, queue = [start], [start]
        seen.add(start)
        while queue:
            for s in counted(c, near(c, queue.pop())):
                c.to = s
                if s not in seen and (test(c) if test is not None else c.who[s] == c.who[start]):
                    seen.add(s)
                    found.append(s)
                    queue.append(s)
        out.append(found)
    c.to = old
    return out
