"""Expressions that are no whole game: how much of one is well typed, and which types a place in a game asks for."""

from .checker import Checker, Term
from .reader import Node
from .signatures import BY_HEAD, RESULTS


def checked_calls(node: Node, end: int) -> tuple[int, int]:
    """Return how many calls of an expression are of some type by themselves, and how many calls there are.

    Calls that reach beyond the offset `end` count as being of none.
    """
    checker, stack, calls, checked = Checker(), [node], 0, 0
    while stack:
        one = stack.pop()
        stack.extend(one.items)
        if one.kind == "call":
            calls += 1
            types = {form.result for form in BY_HEAD.get(one.text, ())} if one.end <= end else set[str]()
            checked += any(isinstance(checker.one(one, name, 0), Term) for name in sorted(types))
    return checked, calls


def types_that_fit(root: Node, start: int) -> frozenset[str]:
    """Return the types of which a call in place of the one that begins at the offset `start` makes `root` a game."""
    path = [root]
    while path[-1].start != start or path[-1].kind != "call":
        inside = [item for item in path[-1].items if item.start <= start < item.end]
        if not inside:
            return frozenset()
        path.append(inside[0])
    above = [node for node in path[:-1] if node.kind == "call"]
    params = (param for form in BY_HEAD.get(above[-1].text, ()) for param in form.params) if above else ()
    candidates = {t.strip("{}") for param in params for t in param.types} & (RESULTS | {"real"}) if above else {"game"}
    checker, fitting, changing = Checker(), set[str](), {id(node) for node in path}
    for type_name in sorted(candidates):
        checker.memo = {key: found for key, found in checker.memo.items() if key[0] not in changing}
        for name in (type_name, "real") if type_name == "int" else (type_name,):
            checker.memo[id(path[-1]), name] = Term(name, path[-1])
        if isinstance(checker.one(root, "game", 0), Term):
            fitting.add(type_name)
    return frozenset(fitting)
