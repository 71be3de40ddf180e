"""The elementary changes that moves are made of."""

from collections.abc import Callable

from .state import Action, State


def act_move(c: State, a: Action) -> None:
    """Move one piece; what stood there is gone."""
    f: int = a[1]
    t: int = a[2]
    what, who, cnt = c.what, c.who, c.cnt
    piece = what[f]
    if not piece or f == t:
        return
    owner, state, value = who[f], c.st[f], c.val[f]
    if cnt[f] > 1:
        cnt[f] -= 1
    else:
        what[f] = who[f] = cnt[f] = c.st[f] = c.val[f] = 0
    if what[t] == piece and c.game.counted:
        cnt[t] += 1
        return
    what[t], who[t], cnt[t], c.st[t], c.val[t] = piece, owner, 1, state, value


def act_move_simple(c: State, a: Action) -> None:
    """Move a piece in a game without counts, states and values."""
    _, f, t = a
    what = c.what
    if f != t and what[f]:
        who = c.who
        what[t], who[t] = what[f], who[f]
        what[f] = who[f] = 0


def act_move_many(c: State, a: Action) -> None:
    """Move a number of equal pieces or seeds; as many arrive as are named, even if there were fewer."""
    f: int = a[1]
    t: int = a[2]
    number: int = a[3]
    what, who, cnt = c.what, c.who, c.cnt
    piece, owner = what[f], who[f]
    if not piece or number <= 0 or (f == t and number <= cnt[f]):
        return
    cnt[f] = max(0, cnt[f] - number)
    if not cnt[f]:
        what[f] = who[f] = c.st[f] = c.val[f] = 0
    if what[t] == piece:
        cnt[t] += number
    elif not what[t]:
        what[t], who[t], cnt[t] = piece, owner, number


def act_copy(c: State, a: Action) -> None:
    """Put a copy of a piece on another site."""
    _, f, t = a
    c.what[t], c.who[t], c.st[t], c.val[t] = c.what[f], c.who[f], c.st[f], c.val[f]
    c.cnt[t] = 1 if c.what[f] else 0


def act_add(c: State, a: Action) -> None:
    """Put pieces on a site; what stands there already stays, and counts as more of it in a game with counts."""
    _, t, piece, owner, number, state, value = a
    if c.what[t]:
        c.cnt[t] += number if c.game.counted else 0
    else:
        c.what[t], c.who[t], c.cnt[t] = piece, owner, number
        c.st[t] = c.val[t] = 0
    if state >= 0:
        c.st[t] = state
    if value >= 0:
        c.val[t] = value


def act_add_simple(c: State, a: Action) -> None:
    """Put a piece on an empty site in a game without counts, states and values."""
    _, t, piece, owner = a
    if not c.what[t]:
        c.what[t] = piece
        c.who[t] = owner


def act_remove(c: State, a: Action) -> None:
    """Clear a site."""
    t = a[1]
    c.what[t] = c.who[t] = c.cnt[t] = c.st[t] = c.val[t] = 0


def act_remove_later(c: State, a: Action) -> None:
    """Mark a site to be cleared at the end of the turn."""
    if a[1] not in c.to_clear:
        c.to_clear.append(a[1])


def act_promote(c: State, a: Action) -> None:
    """Change the kind of a piece."""
    _, t, piece, owner = a
    c.what[t], c.who[t] = piece, owner
    c.cnt[t] = 1


def act_set_count(c: State, a: Action) -> None:
    """Set how many pieces are on a site."""
    _, t, number = a
    if number <= 0:
        act_remove(c, a)
        return
    if not c.what[t]:
        c.what[t] = 1
        c.who[t] = c.game.owner[1]
    c.cnt[t] = number


def act_set_state(c: State, a: Action) -> None:
    """Set the state of a site."""
    c.st[a[1]] = a[2]


def act_set_value(c: State, a: Action) -> None:
    """Set the value of the piece on a site."""
    c.val[a[1]] = a[2]


def act_next(c: State, a: Action) -> None:
    """Set who moves next."""
    c.nxt = a[1]


def act_score(c: State, a: Action) -> None:
    """Add to a player's score."""
    c.scores[a[1]] += a[2]


def act_set_score(c: State, a: Action) -> None:
    """Set a player's score."""
    c.scores[a[1]] = a[2]


def act_player_value(c: State, a: Action) -> None:
    """Set a player's value."""
    c.pvals[a[1]] = a[2]


def act_var(c: State, a: Action) -> None:
    """Set a variable."""
    c.vars[a[1]] = a[2]


def act_counter(c: State, a: Action) -> None:
    """Set the counter."""
    c.counter = a[1]


def act_pending(c: State, a: Action) -> None:
    """Add pending values."""
    c.pending.update(a[1])


def act_remember(c: State, a: Action) -> None:
    """Add to a list of remembered values."""
    _, name, values, unique = a
    kept = c.mem.setdefault(name, [])
    for v in values:
        if not (unique and v in kept):
            kept.append(v)


def act_forget(c: State, a: Action) -> None:
    """Take a value out of a list of remembered values; None takes all."""
    _, name, value = a
    if value is None:
        if name is None:
            c.mem.clear()
        else:
            c.mem.pop(name, None)
    elif value in c.mem.get(name or "", ()):
        c.mem[name or ""].remove(value)


def act_nothing(c: State, a: Action) -> None:
    """Select, pass, note: nothing on the board changes."""


def act_propose(c: State, a: Action) -> None:
    """Put a proposal."""
    c.proposed.add(a[1])


def act_vote(c: State, a: Action) -> None:
    """Vote; what every player voted for is decided."""
    c.vars["\0vote" + str(c.mover)] = a[1]
    if c.vars.get("\0vote1") == c.vars.get("\0vote2") == a[1]:
        c.decided = a[1]


def act_trigger(c: State, a: Action) -> None:
    """Trigger an event for a player."""
    c.triggered.add((a[1], a[2]))


def act_swap_players(c: State, a: Action) -> None:
    """Let the players change places: the pieces stay, and who moved second is to move as the first player did."""
    c.swapped = not c.swapped
    c.nxt = c.mover


SITE_OF: "dict[Callable[..., None], int]" = {
    act_move: 2,
    act_move_simple: 2,
    act_move_many: 2,
    act_copy: 2,
    act_add: 1,
    act_add_simple: 1,
    act_remove: 1,
    act_remove_later: 1,
    act_promote: 1,
    act_set_count: 1,
    act_set_state: 1,
    act_set_value: 1,
    act_nothing: 1,
}
"""Where an action keeps its target site."""
