from formalrl.games.embedded import runtime_tracks as r
from formalrl.games.embedded.equipment import Track

LOOP = (Track("Track", 0, (0, 1, 2, 5, 4, 3), True),)


def test_moving_along_a_track(make):
    assert r.track_move(make().start(), LOOP, "Track", 1, 4, 3) == 1
    assert r.track_sites(LOOP, None, None, 5, 0) == [5, 4, 3, 0]
    assert r.track_end(LOOP, "Track", None) == 3


def test_players_move_along_their_own_tracks(make):
    c = make().start()
    own = (Track("Way1", 1, (0, 1, 2), True), Track("Way2", 2, (2, 1, 0), False), Track("All", 0, (3, 4), False))
    assert r.track_move(c, own, "Way", None, 1, 1) == 2  # the mover is player 1
    assert r.track_move(c, own, "Way", 2, 1, 1) == 0
    assert r.track_move(c, own, "Way", 2, 0, 1) == -1
    assert r.track_move(c, own, "Way", 1, 7, 1) == 1  # a site off a track that closes counts as its start
    assert r.track_move(c, own, "Way", 2, 7, 1) == -1
    assert r.track_move(c, own, None, 3, 3, 1) == 4
    assert r.track_move(c, own, "Way", 1, 1, -1) == 1


def test_parts_of_tracks_go_around_their_ends(make):
    c = make().start()
    line = (Track("Line", 0, (4, 5, 6), False),)
    assert r.track_sites(line, "Line", None, 6, 4) == [6, 4]
    assert r.track_sites(line, None, None, 9, 4) == []
    assert r.track_first(c, line, "Line", None, 6, lambda c: c.to == 5) == 5
    assert r.track_first(c, line, "Line", 2, -1, None) == 4


def test_seeds_are_sown_along_the_track_that_is_named():
    own = (Track("Way1", 1, (0, 1), True), Track("Way2", 2, (2, 1), True))
    assert r.sown_track(own, None, 2) is own[0]
    assert r.sown_track(own, "Way", 2) is own[1]
    assert r.sown_track(own, "Way", None) is None
