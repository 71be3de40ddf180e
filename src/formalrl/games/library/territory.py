# ruff: noqa: E501
"""Territory: the board is divided, and the larger share wins."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Land Claims",
        "territory",
        "When the board is full the larger of the largest groups wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Stake" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Full) (byScore {
        (score P1 (max (sizes Group <dir> P1))) (score P2 (max (sizes Group <dir> P2)))})))))""",
        {"board": ("(square 5)", "(hex 3)", "(rectangle 3 5)", "(square 7)"), "dir": ("Orthogonal", "Adjacent")},
    ),
    Template(
        "Moat",
        "territory",
        "Shut-in walls are taken, shut-in land counts; enough points or two passes end the game.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Wall" Each)})
        (rules (meta (no Repeat)) (play (or (do (move Add (to (sites Empty)) (then (enclose (from (last To)) Orthogonal
        (between if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))))))
        ifAfterwards:(> (count Liberties Orthogonal) 0)) (move Pass)))
        (end (if (or (all Passed) (>= (score Mover) <goal>)) (byScore {(score P1 (+ (score P1) (size Territory P1)))
        (score P2 (+ (score P2) (size Territory P2)))})))))""",
        {"size": ("4", "5", "6"), "goal": ("5", "10")},
    ),
    Template(
        "Few Herds",
        "territory",
        "On a full pasture the player with fewer separate herds wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Cow" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Full) (byScore {
        (score P1 (size Array (sizes Group <dir> P2))) (score P2 (size Array (sizes Group <dir> P1)))})))))""",
        {"board": ("(square 5)", "(square 6)", "(hex 3)", "(rectangle 4 7)"), "dir": ("Orthogonal", "Adjacent")},
    ),
    Template(
        "Spores",
        "territory",
        "A spore divides into a place beside it or leaps two away, and turns the enemies around it; most spores win.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Spore" Each (or
        (move Step <to-empty> (then (and (add (piece (mover)) (to (last From))) <turn>)))
        (move Leap {<leap>} <to-empty> (then <turn>))))})
        (rules (start {(place "Spore1" {"A1" "<end>"}) (place "Spore2" {"A<size>" "<begin>"})})
        (play (forEach Piece)) (end {<wiped-out-loses> (if (is Full) <most-pieces>) (if (>= (count Moves) 200) <most-pieces>)})))""",
        {
            "size": ("5", "6"),
            "turn": (
                '(forEach Site (sites Around (last To) Enemy) (promote (site) (piece "Spore") Mover))',
                '(forEach Site (sites Around (last To) Enemy Orthogonal) (promote (site) (piece "Spore") Mover))',
            ),
            "leap": ("{F F}", "{F F} {F F R F} {F F L F}"),
            "end": ("E5", "D4"),
            "begin": ("E1", "D2"),
        },
    ),
    Template(
        "Crop Circles",
        "territory",
        "Every row of three that a farmer completes pays; most points on the full field win.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Crop" Each)})
        (rules (play (move Add (to (sites Empty)) (then (if (is Line <length>) (addScore Mover <pay>)))))
        (end (if (is Full) (byScore)))))""",
        {
            "board": ("(square 5)", "(square 6)", "(hex 3)", "(rectangle 4 6)"),
            "length": ("3", "4"),
            "pay": ("1", "(count Pieces Mover)"),
        },
    ),
    Template(
        "Inner Court",
        "territory",
        "Courtiers step and take until none can; those inside the walls count double.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Courtier" Each (move <move>))})
        (rules (start {(place "Courtier1" (sites Bottom)) (place "Courtier2" (sites Top))}) (play (forEach Piece))
        (end {<wiped-out-loses> (if (>= (count Moves) <limit>) (byScore {
        (score P1 (+ (count Pieces P1) (count Sites in:(intersection (sites Inner) (sites Occupied by:P1)))))
        (score P2 (+ (count Pieces P2) (count Sites in:(intersection (sites Inner) (sites Occupied by:P2)))))}))})))""",
        {
            "size": ("5", "6", "7"),
            "move": ("Step <to-take>", "Step Orthogonal <to-take>", "Slide Diagonal <to-enemy>"),
            "limit": ("40", "60"),
        },
    ),
    Template(
        "Good Neighbors",
        "territory",
        "Each house scores for the friendly houses around it when it is built; most points on the full board win.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "House" Each)})
        (rules (play (move Add (to (sites Empty)) (then (addScore Mover (count Sites in:(sites Around (last To) <kind> <way>))))))
        (end (if (is Full) (byScore)))))""",
        {
            "board": ("(square 6)", "(square 5)", "(hex 3)", "(tri 5)"),
            "kind": ("Own", "Enemy"),
            "way": ("Orthogonal", "Adjacent"),
        },
    ),
    Template(
        "Gold Fields",
        "territory",
        "Claims on the rim count one, in the middle three; build only beside your own claims.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Claim" Each) (regions "Gold" (expand (sites Centre)))})
        (rules (start {(place "Claim1" (sites Left)) (place "Claim2" (sites Right))})
        (play (move Add (to (sites Around (sites Occupied by:Mover) Empty <way>))))
        (end (if (is Full) (byScore {
        (score P1 (+ (count Pieces P1) (* 2 (count Sites in:(intersection (sites "Gold") (sites Occupied by:P1))))))
        (score P2 (+ (count Pieces P2) (* 2 (count Sites in:(intersection (sites "Gold") (sites Occupied by:P2))))))})))))""",
        {
            "board": ("(square 5)", "(square 7)", "(rectangle 5 8)", "(rectangle 7 6)"),
            "way": ("Orthogonal", "Adjacent"),
        },
    ),
)
