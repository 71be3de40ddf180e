from formalrl.games.embedded import runtime_tracks as r
from formalrl.games.embedded.equipment import Track

LOOP = (Track("Track", 0, (0, 1, 2, 5, 4, 3), True),)


def test_moving_along_a_track():
    assert r.track_move(None, LOOP, "Track", None, 4, 3) == 1
    assert r.track_move(None, LOOP, None, None, 9, 1) == -1
    assert r.track_sites(LOOP, None, None, 5, 0) == [5, 4, 3, 0]
    assert r.track_end(LOOP, "Track", None) == 3
