"""Names of a game, its pieces, phases, regions, tracks and maps replaced by the same few words in every game.

As in arXiv 2407.09388, so that a model learns rules and not names: GAME_NAME, PIECE_ALPHA, PIECE_BETA, ...
"""

import re

from .embedded.reader import Node, SyntaxFault, read
from .engine import DEFAULT_LIMITS, Limits
from .fim import layout

GREEK = (
    *("ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON", "ZETA", "ETA", "THETA", "IOTA", "KAPPA", "LAMBDA", "MU", "NU"),
    *("XI", "OMICRON", "PI", "RHO", "SIGMA", "TAU", "UPSILON", "PHI", "CHI", "PSI", "OMEGA"),
)
KINDS = {"piece": "PIECE", "phase": "PHASE", "regions": "REGION", "track": "TRACK", "map": "MAP"}
"""Head of what declares a name -> the first word of its mask."""
GAME = "GAME_NAME"

_STRING = re.compile(r'"([^"\n]*)"')
_NUMBERED = re.compile(r"(.*?)(\d*)", re.DOTALL)


def mask_names(text: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return a game in its shortest layout with masked names; unchanged when it cannot be read.

    Names count in the order in which they are declared. A number behind a piece's name stays behind its mask:
    "Stone1" becomes "PIECE_ALPHA1". Strings that declare nothing ("Hand", coordinates, tracks' paths) stay.
    """
    try:
        root = read(text, limits)
    except (SyntaxFault, RecursionError):
        return text
    masks = _masks(root)
    title = root.items[0] if root.items and root.items[0].kind == "string" else None

    def masked(match: re.Match[str]) -> str:
        if title is not None and match.start() == title.start:
            return f'"{GAME}"'
        whole = match[1]
        if whole in masks:
            return f'"{masks[whole]}"'
        base = _NUMBERED.fullmatch(whole)
        known = masks.get(base[1]) if base else None
        return f'"{known}{base[2]}"' if base and known and known.startswith("PIECE") else match[0]

    return layout(_STRING.sub(masked, text))


def _masks(root: Node) -> dict[str, str]:
    """Declared name -> its mask."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in KINDS}
    stack = [root]
    while stack:
        node = stack.pop()
        declared = [node] if node.text in ("phase", "track") else _items(node) if node.text == "equipment" else []
        for one in declared:
            if one.text in KINDS and one.items and one.items[0].kind == "string":
                found[one.text].setdefault(one.items[0].text)
        stack.extend(reversed(node.items))
    masks: dict[str, str] = {}
    for kind, names in found.items():
        for number, name in enumerate(
            name for name in names if name not in masks and name not in ("", "Hand", "Board")
        ):
            letter = GREEK[number % len(GREEK)] + "_X" * (number // len(GREEK))
            masks[name] = f"{KINDS[kind]}_{letter}"
    return masks


def _items(equipment: Node) -> list[Node]:
    """What an equipment holds, in a list or alone."""
    return [one for item in equipment.items for one in (item.items if item.kind == "list" else (item,))]
