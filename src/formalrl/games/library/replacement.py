# ruff: noqa: E501
"""Replacement: a piece is taken by moving onto it."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Footmen",
        "replacement",
        "Men walk one way and take another way; reaching the far row wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Man" Each (or (move Step <quiet> <to-empty>) (move Step <taking> <to-enemy>)))})
        (rules (start {(place "Man1" (expand (sites Bottom) steps:<depth>)) (place "Man2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {(if (is In (last To) <far-row>) (result Mover Win)) <stuck-loses>})))""",
        {
            "quiet": ("Forward", "(directions {Forward FL FR})"),
            "taking": ("(directions {FL FR})", "Forward"),
            "rows": ("6", "8"),
            "columns": ("5", "7"),
            "depth": ("1", "0"),
        },
    ),
    Template(
        "Court Intrigue",
        "replacement",
        "A king, two towers and two riders a side; taking the king wins.",
        """(game "NAME" <north-south> (equipment {(board (square <size>))
        (piece "King" Each (move Step <to-take>)) (piece "Tower" Each (move Slide Orthogonal <to-enemy>))
        (piece "Rider" Each <rider>)})
        (rules (start {(place "King1" coord:"C1") (place "King2" coord:"C<size>") (place "Tower1" {"A1" "E1"})
        (place "Tower2" {"A<size>" "E<size>"}) (place "Rider1" {"B1" "D1"}) (place "Rider2" {"B<size>" "D<size>"})})
        (play (forEach Piece)) (end (if (no Pieces Next "King") (result Mover Win)))))""",
        {
            "size": ("5", "6", "7"),
            "rider": ("(move Leap {{F F R F} {F F L F}} <to-take>)", "(move Slide Diagonal <to-enemy>)"),
        },
    ),
    Template(
        "Royal Guard",
        "replacement",
        "No move may leave one's own king attacked; mate wins, and after eighty moves the larger army.",
        """(game "NAME" <north-south> (equipment {(board (square 6))
        (piece "King" Each (move Step <to-take>)) (piece "Guard" Each <guard>)})
        (rules (start {(place "King1" coord:"D1") (place "King2" coord:"D6") (place "Guard1" (sites Row 1))
        (place "Guard2" (sites Row 4))})
        (play (do (forEach Piece) ifAfterwards:(not (is Threatened (id "King" Mover)))))
        (end {(if (and (is Threatened (id "King" Next)) (no Moves Next)) (result Mover Win)) (if (no Moves Next) (result Mover Draw))
        (if (>= (count Moves) 80) <most-pieces>)})))""",
        {
            "guard": (
                "(move Step Forward <to-take>)",
                "(move Slide Orthogonal <to-enemy>)",
                "(move Step Diagonal <to-take>)",
            )
        },
    ),
    Template(
        "Stable Yard",
        "replacement",
        "Only leapers: take them all, or be the last who can move.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Horse" Each (move Leap <walk> <to-take>))})
        (rules (start {(place "Horse1" (sites Bottom)) (place "Horse2" (sites Top))}) (play (forEach Piece))
        (end {<wiped-out-loses> <stuck-loses> (if (>= (count Moves) 120) <most-pieces>)})))""",
        {"size": ("5", "6", "7"), "walk": ("{{F F R F} {F F L F}}", "{{F F}}", "{{F F F R F} {F F F L F}}")},
    ),
    Template(
        "Rising Sparks",
        "replacement",
        "Sparks step forward and become flames at the far row, which slide; taking everything wins.",
        """(game "NAME" <north-south> (equipment {(board (square <size>))
        (piece "Spark" Each (move Step (directions {Forward FL FR}) <to-take>
        (then (if (is In (last To) <far-row>) (promote (last To) (piece "Flame") Mover)))))
        (piece "Flame" Each (move Slide <flame> <to-enemy>))})
        (rules (start {(place "Spark1" (expand (sites Bottom) steps:<depth>)) (place "Spark2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {<wiped-out-loses> <stuck-loses> (if (>= (count Moves) 120) <most-pieces>)})))""",
        {"size": ("5", "6"), "flame": ("Orthogonal", "Diagonal", "Adjacent"), "depth": ("0", "1")},
    ),
    Template(
        "Beacon Hill",
        "replacement",
        "A runner that stands on the beacon in the middle and steps off it again has won.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Runner" Each <move>) (regions "Beacon" (sites Centre))})
        (rules (start {(place "Runner1" (sites Bottom)) (place "Runner2" (sites Top))}) (play (forEach Piece))
        (end {(if (is In (last From) (sites "Beacon")) (result Mover Win)) <wiped-out-loses>})))""",
        {
            "size": ("7", "5", "9"),
            "move": (
                "(move Step <to-take>)",
                "(move Step Orthogonal <to-take>)",
                "(move Leap {{F F R F} {F F L F}} <to-take>)",
            ),
        },
    ),
    Template(
        "Hex Duel",
        "replacement",
        "A champion and his squires on a hexagon; the champion must not be taken, and after 200 moves the larger party wins.",
        """(game "NAME" (players 2) (equipment {(board (hex <size>)) (piece "Champion" Each (move Step <to-take>))
        (piece "Squire" Each <squire>)})
        (rules (start {(place "Squire1" (difference (expand (sites Bottom)) (sites Bottom))) (place "Champion1" (sites Bottom))
        (place "Squire2" (difference (expand (sites Top)) (sites Top))) (place "Champion2" (sites Top))})
        (play (forEach Piece)) (end {(if (no Pieces Next "Champion") (result Mover Win)) <stuck-loses> (if (>= (count Moves) 200) <most-pieces>)})))""",
        {"size": ("4", "3", "5"), "squire": ("(move Step <to-take>)", "(move Slide <to-enemy>)")},
    ),
    Template(
        "Four Ranks",
        "replacement",
        "Pikes take sideways, bows take on the diagonal, and both march forward; the last army standing wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Pike" Each (or (move Step Forward <to-empty>) (move Step (directions {Leftward Rightward}) <to-enemy>)))
        (piece "Bow" Each (or (move Step Forwards <to-empty>) (move Step Diagonal <to-enemy>)))})
        (rules (start {(place "Pike1" (sites Row 1)) (place "Bow1" (sites Bottom)) (place "Pike2" (sites Row <second>))
        (place "Bow2" (sites Top))})
        (play (forEach Piece)) (end {(if (is In (last To) <far-row>) (result Mover Win)) <wiped-out-loses> <stuck-loses>})))""",
        {"rows": ("6",), "columns": ("5", "4", "6", "7"), "second": ("4", "3")},
    ),
    Template(
        "Toll Roads",
        "replacement",
        "Wagons slide and take; each capture pays one point, and whoever first has enough points wins.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Wagon" Each (move Slide <way>
        (to if:(is Enemy (who at:(to))) (apply (if (is Enemy (who at:(to))) (and (remove (to)) (addScore Mover 1)))))))})
        (rules (start {(place "Wagon1" (sites Bottom)) (place "Wagon2" (sites Top))}) (play (forEach Piece))
        (end {(if (>= (score Mover) <goal>) (result Mover Win)) <stuck-loses>})))""",
        {"size": ("6", "5", "7"), "way": ("Orthogonal", "Diagonal", "Adjacent"), "goal": ("4", "3")},
    ),
)
