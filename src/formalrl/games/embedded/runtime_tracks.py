"""What generated programs call: tracks."""

from collections.abc import Sequence

from .equipment import Track
from .runtime import Test, spend
from .state import State


def sown_track(tracks: Sequence[Track], name: str | None, owner: int | None) -> Track | None:
    """Return the track to sow along: the first one without a name, that of a name, that of an owner and a name."""
    for track in tracks:
        if name is None or (track.name == name if owner is None else track.owner == owner and name in track.name):
            return track
    return None


def track_sites(
    tracks: Sequence[Track], name: str | None, owner: int | None, a: int | None, b: int | None
) -> list[int]:
    """Return the sites of a track, or of its part from one site on to another, around its end if need be."""
    player = owner or 0
    for track in tracks:
        near = track.owner in (player, 0) and (name is None or name in track.name)
        if near or track.name == name:
            break
    else:
        return []
    sites = track.sites
    start = 0 if a is None or a < 0 else sites.index(a) if a in sites else -1
    if start < 0:
        return []
    if a is not None or b is not None:
        sites = sites[start:] + sites[:start]
        sites = sites[: sites.index(b) + 1] if b in sites else sites
    return list(dict.fromkeys(sites))


def track_move(c: State, tracks: Sequence[Track], name: str | None, owner: int | None, site: int, steps: int) -> int:
    """Return the site some steps along a track of a player, the mover unless one is named; -1 beyond its end.

    The track of that player with the name, else any with the name, else one of the player's, else one of nobody's. A
    site that is not on a track that closes counts as its start.
    """
    player = c.mover if owner is None else owner
    named = [t for t in tracks if name is not None and name in t.name]
    choices = [t for t in named if t.owner == player] or named
    choices = choices or [t for t in tracks if t.owner == player] or [t for t in tracks if t.owner == 0]
    if not choices:
        return -1
    sites = choices[0].sites
    spend(c, len(sites))
    place = (sites.index(site) if site in sites else len(sites)) + max(steps, 0)
    if place < len(sites):
        return sites[place]
    return sites[place % len(sites)] if choices[0].loop else -1


def _chosen(tracks: Sequence[Track], name: str | None, owner: int | None) -> Track:
    """Return the first track with a name, of a player or of anybody; without a name that of a player or of nobody."""
    player = owner or 0
    for track in tracks:
        if (name is None and track.owner in (player, 0)) or (
            name is not None and name in track.name and player in (0, track.owner)
        ):
            return track
    return tracks[0]


def track_first(
    c: State, tracks: Sequence[Track], name: str | None, owner: int | None, start: int | None, test: Test
) -> int:
    """Return the first site of a track, from a site on and around, that passes a test of (to); -1 for none."""
    sites = _chosen(tracks, name, owner).sites
    place = 0 if start is None or start < 0 else sites.index(start) if start in sites else -1
    if place < 0:
        return -1
    spend(c, len(sites))
    old, found = c.to, -1
    for site in sites[place:] + sites[:place]:
        c.to = site
        if test is None or test(c):
            found = site
            break
    c.to = old
    return found


def track_end(tracks: Sequence[Track], name: str | None, owner: int | None) -> int:
    """Return the last site of a track."""
    return _chosen(tracks, name, owner).sites[-1]
