"""Compass directions, directions relative to a piece, and the angles between sites."""

import math

from .graph import Point

COMPASS = ("E", "ENE", "NE", "NNE", "N", "NNW", "NW", "WNW", "W", "WSW", "SW", "SSW", "S", "SSE", "SE", "ESE")
"""Counter-clockwise from east, a sixteenth of a turn each."""
INDEX = {name: k for k, name in enumerate(COMPASS)}
CATEGORIES = ("Orthogonal", "Diagonal", "OffDiagonal", "Adjacent", "All")
CIRCULAR = ("In", "Out", "CW", "CCW")
RELATIVE = frozenset(
    [
        "Forward",
        "Backward",
        "Leftward",
        "Rightward",
        "Forwards",
        "Backwards",
        "Leftwards",
        "Rightwards",
        "FL",
        "FR",
        "BL",
        "BR",
    ]
)
BEND = math.tan(0.25)
"""How far a line of steps may bend at a site."""
OPPOSITE_BEND = math.tan(0.1)


def compass(a: Point, b: Point) -> str:
    """Return the compass direction, of sixteen, from one place to another."""
    angle = math.atan2(b[1] - a[1], b[0] - a[0]) % (2 * math.pi)
    return COMPASS[int(angle / (2 * math.pi) * 16 + 0.5) % 16]


def bend(a: Point, b: Point, c: Point) -> float:
    """Return the tangent of the turn at b on the way from a to c; infinity for a right angle or more."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1]
    along = ux * vx + uy * vy
    if along <= 0:
        return math.inf
    return abs((ux * vy - uy * vx) / along)


def relative(name: str, facing: str, supported: frozenset[str]) -> tuple[str, ...]:
    """Return the compass directions that a relative direction means for a piece that faces somewhere.

    Args:
        name: One of RELATIVE.
        facing: Compass direction of the piece.
        supported: Compass directions in which the board has steps at all.
    """
    base = INDEX[facing]
    if name in ("Forward", "Backward", "Leftward", "Rightward"):
        turned = COMPASS[(base + {"Forward": 0, "Backward": 8, "Leftward": 4, "Rightward": -4}[name]) % 16]
        return (turned,) if turned in supported else ()
    if name in ("Forwards", "Backwards"):
        start = base + (0 if name == "Forwards" else 8)
        span = [COMPASS[(start + k) % 16] for k in range(3, -4, -1)]
    elif name in ("Leftwards", "Rightwards"):
        sign = 1 if name == "Leftwards" else -1
        span = [COMPASS[(base + sign * k) % 16] for k in range(1, 8)]
    else:
        sign = 1 if name[1] == "L" else -1
        start = base + (8 if name[0] == "B" else 0)
        span = [COMPASS[(start + sign * k) % 16] for k in range(1, 17)]
        return tuple(d for d in span if d in supported)[:1]
    return tuple(d for d in span if d in supported)
