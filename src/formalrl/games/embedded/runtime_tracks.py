"""What generated programs call: tracks."""

from collections.abc import Sequence

from .equipment import Track
from .runtime import Test, spend
from .state import State


def find_track(tracks: Sequence[Track], name: str | None, owner: int | None, site: int | None) -> Track | None:
    """Return the first track with a name, of an owner, over a site."""
    for track in tracks:
        if site is not None and site not in track.sites:
            continue
        if owner is not None and track.owner != owner:
            continue
        if name is None or track.name == name or (owner is not None and name in track.name):
            return track
    return None


def track_sites(
    tracks: Sequence[Track], name: str | None, owner: int | None, a: int | None, b: int | None
) -> list[int]:
    """Return the sites of a track, or of its part between two sites."""
    track = None
    for candidate in tracks:
        if (name is None or name in candidate.name) and (owner is None or candidate.owner == owner):
            track = candidate
            break
    if track is None:
        return []
    sites = list(dict.fromkeys(track.sites))
    if a is None and b is None:
        return sites
    start = sites.index(a) if a in sites else 0
    out: list[int] = []
    for k in range(len(sites)):
        if start + k >= len(sites) and not track.loop:
            break
        site = sites[(start + k) % len(sites)]
        out.append(site)
        if site == b:
            break
    return out


def track_move(c: State, tracks: Sequence[Track], name: str | None, owner: int | None, site: int, steps: int) -> int:
    """Return the site some steps along a track; -1 beyond its end."""
    track = find_track(tracks, name, owner, None)
    if track is None and name is not None:
        track = next((t for t in tracks if name in t.name and (owner is None or t.owner == owner)), None)
    if track is None or site not in track.sites:
        return -1
    place = track.sites.index(site) + steps
    if track.loop:
        return track.sites[place % len(track.sites)]
    return track.sites[place] if 0 <= place < len(track.sites) else -1


def track_first(
    c: State, tracks: Sequence[Track], name: str | None, owner: int | None, start: int | None, test: Test
) -> int:
    """Return the first site of a track, from a site on, that passes a test of (to)."""
    track = find_track(tracks, name, owner, None)
    if track is None and name is not None:
        track = next((t for t in tracks if name in t.name and (owner is None or t.owner == owner)), None)
    if track is None:
        return -1
    place = 0 if start is None else track.sites.index(start) if start in track.sites else -1
    if place < 0:
        return -1
    spend(c, len(track.sites))
    old, found = c.to, -1
    for k in range(len(track.sites)):
        if place + k >= len(track.sites) and not track.loop:
            break
        c.to = track.sites[(place + k) % len(track.sites)]
        if test is None or test(c):
            found = c.to
            break
    c.to = old
    return found


def track_end(tracks: Sequence[Track], name: str | None, owner: int | None) -> int:
    """Return the last site of a track."""
    track = find_track(tracks, name, owner, None)
    return track.sites[-1] if track else -1
