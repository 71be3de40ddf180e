# ruff: noqa: E501
"""Mancala: seeds are sown around rows of holes and captured."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Seed Thieves",
        "mancala",
        "Twos and threes in the enemy's row are stolen; more than half of the seeds wins.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None (track "Track" "0,E,N,W" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Seed" Shared) (hand Each)})
        (rules (start (set Count <seeds> to:(sites Track)))
        (play (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow
        if:(and (is In (to) (sites Next)) <rule>)
        apply:(fromTo (from (to)) (to (handSite Mover)) count:(count at:(to))) includeSelf:False backtracking:<back>))))
        (end {(if (>= (count Cell at:(handSite Mover)) (* <seeds> <holes>)) (result Mover Win)) (if (no Moves Next) <tally>)})))""",
        {
            "holes": ("6", "4", "5"),
            "seeds": ("3", "4"),
            "rule": ("(or (= (count at:(to)) 2) (= (count at:(to)) 3))", "(is Even (count at:(to)))"),
            "back": ("True", "False"),
            "tally": ("<all-seeds>",),
        },
    ),
    Template(
        "Corn Relay",
        "mancala",
        "A sowing that ends in a well filled hole is taken up and goes on; a sowing that ends in an empty hole of one's own takes the seeds across.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None (track "Track" "0,E,N,W" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Corn" Shared) (hand Each)})
        (rules (start (set Count <seeds> to:(sites Track)))
        (play (move Select (from (if (is Prev Mover) (sites {(last To afterConsequence:True)}) (sites Mover)) if:(> (count at:(from)) <least>))
        (then (sow apply:(if (> (count at:(to)) <lap>) (moveAgain)
        (if (is In (to) (sites Mover)) (fromTo (from <across>) (to (handSite Mover)) count:(count at:<across>))))))))
        (end (if (no Moves Next) <all-seeds>))))""",
        {
            "holes": ("5", "4", "6"),
            "seeds": ("2", "3"),
            "least": ("0", "1"),
            "lap": ("3", "2"),
            "across": ("(if (is Mover P1) (+ (to) <holes>) (- (to) <holes>))",),
        },
    ),
    Template(
        "Granary",
        "mancala",
        "Each farmer sows the own row only, from the left; the first who has nothing to sow wins, or loses.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None {(track "First" "0,E" loop:True P1)
        (track "Second" "<corner>,W" loop:True P2)}) (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Grain" Shared)})
        (rules (start (set Count <seeds> to:(sites Board))) (play (move Select (from (sites Mover) if:(> (count at:(from)) <least>))
        (then (sow owner:(mover) if:(> (count at:<across>) 0) apply:(remove <across>)<self>))))
        (end (if (no Moves Next) (result <who> Win)))))""",
        {
            "holes": ("5",),
            "corner": ("9",),
            "seeds": ("2", "3", "4"),
            "least": ("1", "0"),
            "self": ("", " includeSelf:False"),
            "who": ("Mover",),
            "across": ("(if (is Mover P1) (+ (to) <holes>) (- (to) <holes>))",),
        },
    ),
    Template(
        "Full Baskets",
        "mancala",
        "Holes that come to exactly the given number of seeds are emptied by the sower, whoever's side they are on.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None (track "Track" "<path>" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Berry" Shared) (hand Each)})
        (rules (start (set Count <seeds> to:(sites Track)))
        (play (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow if:(= (count at:(to)) <full>)
        apply:(fromTo (from (to)) (to (handSite Mover)) count:<full>) includeSelf:False))))
        (end (if (no Moves Next) <all-seeds>))))""",
        {
            "holes": ("4", "5", "6"),
            "seeds": ("3", "2"),
            "full": ("4", "2", "3"),
            "path": ("0,E,N,W", "3,W,N,E"),
        },
    ),
    Template(
        "Storehouse",
        "mancala",
        "Every round drops a seed into one's own store; ending there gives another turn, and the fuller store wins.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> (track "Track" "0,ESE,E,ENE,WNW,N,W" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (map {(pair P1 LastSite) (pair P2 FirstSite)}) (piece "Nut" Shared)})
        (rules (start (set Count <seeds> to:(union (sites P1) (sites P2))))
        (play (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow
        if:(= (to) (mapEntry (mover))) apply:(moveAgain) skipIf:(= (to) (mapEntry (next)))))))
        (end (if (no Moves Mover) (byScore {(score P1 (+ (count at:(mapEntry P1)) <share-one>))
        (score P2 (+ (count at:(mapEntry P2)) <share-two>))})))))""",
        {
            "holes": ("4", "5", "6"),
            "seeds": ("3", "2", "4"),
            "share-one": ("(count in:(sites P1))", "(count in:(sites P2))"),
            "share-two": ("(count in:(sites P2))",),
        },
    ),
    Template(
        "Four Terraces",
        "mancala",
        "Each player sows around two of four terraces; ending in a filled inner hole destroys what lies opposite.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 4 <holes> store:None {
        (track "Way1" "0,E,N1,W" loop:True P1) (track "Way2" "<corner>,W,S1,E" loop:True P2)})
        (regions "Home" P1 (union (sites Row 0) (sites Row 1))) (regions "Home" P2 (union (sites Row 2) (sites Row 3)))
        (regions "Inner" P1 (sites Row 1)) (regions "Inner" P2 (sites Row 2)) (piece "Pit" Shared)})
        (rules (start (set Count <seeds> to:(sites Board)))
        (play (move Select (from (sites Mover "Home") if:(> (count at:(from)) <least>)) (then (sow "Way" owner:(mover)
        if:(and (is In (to) (sites Mover "Inner")) (> (count at:(to)) 1)) apply:(remove <opposite>)))))
        (end (if (no Moves Next) (result Mover Win)))))""",
        {
            "holes": ("4",),
            "corner": ("15",),
            "seeds": ("2", "3"),
            "least": ("1", "0"),
            "opposite": (
                "(if (is Mover P1) (+ (to) <holes>) (- (to) <holes>))",
                "(if (is Mover P1) (sites {(+ (to) <holes>) (+ (to) (* 2 <holes>))}) (sites {(- (to) <holes>) (- (to) (* 2 <holes>))}))",
            ),
        },
    ),
    Template(
        "Empty Hands",
        "mancala",
        "Lone seeds stay where they are; whoever is first without a hole to sow from wins.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None (track "Track" "0,E,N,W" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Pebble" Shared)})
        (rules (start (set Count <seeds> to:(sites Track)))
        (play (move Select (from (sites Mover) if:(> (count at:(from)) 1)) (then (sow
        if:(= (count at:(to)) <taken>) apply:(remove (to)) includeSelf:False))))
        (end (if (no Moves Next) (result <who> Win)))))""",
        {"holes": ("5", "4", "6"), "seeds": ("3", "2"), "taken": ("2", "3"), "who": ("Next", "Mover")},
    ),
    Template(
        "Pick a Way",
        "mancala",
        "Seeds may be sown to the left or to the right; what ends in an enemy hole with few seeds is captured.",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None {(track "East" "0,E,N,W" loop:True)
        (track "West" "<corner>,W,N,E" loop:True)}) (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Shell" Shared) (hand Each)})
        (rules (start (set Count <seeds> to:(sites Board)))
        (play (or (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow "East" if:<catch> apply:<keep> includeSelf:False)))
        (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow "West" if:<catch> apply:<keep> includeSelf:False)))))
        (end (if (no Moves Next) <all-seeds>))))""",
        {
            "holes": ("4",),
            "corner": ("3",),
            "seeds": ("2", "3"),
            "catch": (
                "(and (is In (to) (sites Next)) (<= (count at:(to)) 3))",
                "(and (is In (to) (sites Next)) (is Even (count at:(to))))",
                "(= (count at:(to)) 2)",
            ),
            "keep": ("(fromTo (from (to)) (to (handSite Mover)) count:(count at:(to)))",),
        },
    ),
)
