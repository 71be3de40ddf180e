# ruff: noqa: E501
"""Custodial capture and its kin: pieces caught between others, shut in, or pushed into."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Pincers",
        "custodial",
        "Claws catch enemies between two of their own; being down to one piece loses, and after 250 moves the fewer claws.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Claw" Each (move <move>
        (then (custodial (from (last To)) Orthogonal (between (max <reach>) if:(is Enemy (who at:(between)))
        (apply (remove (between)))) <to-friend>))))})
        (rules (start {(place "Claw1" (sites Bottom)) (place "Claw2" (sites Top))}) (play (forEach Piece))
        (end {(if (<= (count Pieces Next) 1) (result Mover Win)) <stuck-loses> (if (>= (count Moves) 250) <most-pieces>)})))""",
        {
            "size": ("6", "5", "7"),
            "move": ("Slide Orthogonal", "Step Orthogonal <to-empty>"),
            "reach": ("1", "3"),
        },
    ),
    Template(
        "Turncoats",
        "custodial",
        "Stones caught between two enemies are taken for a point each; so many points, or most on a full board, win.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Coat" Each)})
        (rules (play (or (move Add (to (sites Empty)) (then (custodial (from (last To)) <dir> (between (max <reach>)
        if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))) <to-friend>)))
        (if (is Full) (move Pass)))) (end {(if (is Full) (byScore)) (if (>= (score Mover) <goal>) (result Mover Win))})))""",
        {"size": ("5", "6"), "dir": ("Orthogonal", "Adjacent"), "reach": ("1", "4"), "goal": ("5", "10")},
    ),
    Template(
        "Two Faces",
        "custodial",
        "Enemies between two masks turn over; most masks on the full board win.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Mask" Each)})
        (rules (play (move Add (to (sites Empty)) (then (custodial (from (last To)) <dir> (between (max <reach>)
        if:(is Enemy (who at:(between))) (apply (promote (between) (piece "Mask") Mover))) <to-friend>))))
        (end (if (is Full) <most-pieces>))))""",
        {
            "board": ("(square 5)", "(square 7)", "(hex 3)", "(rectangle 3 7)"),
            "dir": ("Adjacent", "Orthogonal"),
            "reach": ("6", "1"),
        },
    ),
    Template(
        "Wardens",
        "custodial",
        "Slide like a tower and catch enemies between two of your own; the side whose warden is caught loses.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Pike" Each <move>)
        (piece "Warden" Each <move>)})
        (rules (start {(place "Pike1" (difference (sites Bottom) (sites {"D1"}))) (place "Warden1" coord:"D1")
        (place "Pike2" (difference (sites Top) (sites {"D<size>"}))) (place "Warden2" coord:"D<size>")}) (play (forEach Piece))
        (end {(if (no Pieces Next "Warden") (result Mover Win)) (if (<= (count Pieces Next) 2) (result Mover Win)) <stuck-loses>
        (if (>= (count Moves) 250) <most-pieces>)})))""",
        {
            "size": ("7", "6", "5"),
            "move": (
                "(move Slide Orthogonal <catch>)",
                "(move Step Orthogonal <to-empty> <catch>)",
            ),
            "catch": (
                "(then (custodial (from (last To)) Orthogonal (between (max 1) if:(is Enemy (who at:(between))) (apply (remove (between)))) <to-friend>))",
            ),
        },
    ),
    Template(
        "Fishing Nets",
        "custodial",
        "A fish surrounded on all sides is taken out; three fish, or most of them on a full pond, win.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Fish" Each)})
        (rules (play (move Add (to (sites Empty)) (then (surround (from (last To)) <way>
        (between if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))) <to-friend><spare>))))
        (end {(if (>= (score Mover) 3) (result Mover Win)) (if (is Full) (byScore))})))""",
        {
            "board": ("(square 5)", "(square 6)", "(hex 3)", "(rectangle 4 6)"),
            "way": ("Orthogonal", "Adjacent"),
            "spare": ("", " except:1"),
        },
    ),
    Template(
        "Split the Ranks",
        "custodial",
        "Stepping between two enemies takes both; having fewer than two pieces loses.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns>)) (piece "Splitter" Each
        (move <move> (then (intervene (from (last To)) <way> (to if:(is Enemy (who at:(to))) (apply (remove (to))))))))})
        (rules (start {(place "Splitter1" (sites Bottom)) (place "Splitter2" (sites Top))}) (play (forEach Piece))
        (end {(if (<= (count Pieces Next) 1) (result Mover Win)) <stuck-loses> (if (>= (count Moves) 200) <most-pieces>)})))""",
        {
            "rows": ("5", "4"),
            "columns": ("5", "6", "7"),
            "move": ("Step <to-empty>", "Slide Orthogonal"),
            "way": ("Orthogonal", "Adjacent"),
        },
    ),
    Template(
        "Both Ways",
        "custodial",
        "Guards take by standing on both sides of an enemy and by stepping between two.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Guard" Each (move Step <step> <to-empty>
        (then (and (custodial (from (last To)) Orthogonal (between (max 1) if:(is Enemy (who at:(between)))
        (apply (remove (between)))) <to-friend>)
        (intervene (from (last To)) Orthogonal (to if:(is Enemy (who at:(to))) (apply (remove (to)))))))))})
        (rules (start {(place "Guard1" (expand (sites Bottom) steps:<depth>)) (place "Guard2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {(if (<= (count Pieces Next) 1) (result Mover Win)) <stuck-loses>
        (if (>= (count Moves) 150) <most-pieces>)})))""",
        {"size": ("5", "6"), "step": ("Orthogonal", "Adjacent"), "depth": ("1", "0")},
    ),
    Template(
        "Ring of Hands",
        "custodial",
        "A group without a free neighbor is taken; whoever first takes enough hands wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Hand" Each)})
        (rules (play (move Add (to (sites Empty)) (then (enclose (from (last To)) Orthogonal
        (between if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1))))))))
        (end {(if (>= (score Mover) <goal>) (result Mover Win)) <stuck-loses>})))""",
        {"board": ("(square 5)", "(square 4)", "(hex 3)", "(rectangle 3 6)"), "goal": ("1", "2", "4")},
    ),
)
