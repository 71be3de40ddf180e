# ruff: noqa: E501
"""Leap capture: a piece is taken by hopping over it."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Frog War",
        "leap capture",
        "Frogs step or hop over enemies; having none left or no move loses, and after a hundred moves the larger army wins.",
        """(game "NAME" <north-south> (equipment {(board (square <size>))
        (piece "Frog" Each (or (move Hop <dir> <over-enemy> <to-empty>) (move Step <dir> <to-empty>)))})
        (rules (start {(place "Frog1" (expand (sites Bottom) steps:<rows>)) (place "Frog2" (expand (sites Top) steps:<rows>))})
        (play (forEach Piece)) (end {<wiped-out-loses> <stuck-loses> (if (>= (count Moves) 100) <most-pieces>)})))""",
        {"dir": ("Orthogonal", "Diagonal", "Adjacent"), "size": ("6", "5"), "rows": ("1", "0")},
    ),
    Template(
        "Forced Leap",
        "leap capture",
        "Whoever can hop must; reaching the far row or blocking the enemy wins.",
        """(game "NAME" <north-south> (equipment {(board (square <size>)) (piece "Trooper" Each)})
        (rules (start {(place "Trooper1" (expand (sites Bottom))) (place "Trooper2" (expand (sites Top)))})
        (play (priority {(forEach Piece (move Hop <dir> <over-enemy> <to-empty>)) (forEach Piece (move Step <ahead> <to-empty>))}))
        (end {(if (is In (last To) <far-row>) (result Mover Win)) <stuck-loses>})))""",
        {
            "dir": ("Orthogonal", "Adjacent"),
            "ahead": ("(directions {Forward Leftward Rightward})", "(directions {Forward FL FR})"),
            "size": ("6", "8"),
        },
    ),
    Template(
        "Star Field",
        "leap capture",
        "Scouts step and hop along the lines of a grid with diagonals.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns> diagonals:Alternating) use:Vertex)
        (piece "Scout" Each (or (move Hop <over-enemy> <to-empty>) (move Step <to-empty>)))})
        (rules (start {(place "Scout1" (expand (sites Bottom) steps:<depth>)) (place "Scout2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {<wiped-out-loses> <stuck-loses>})))""",
        {"rows": ("5", "7"), "columns": ("5", "3"), "depth": ("1", "0")},
    ),
    Template(
        "Chain Leap",
        "leap capture",
        "Men hop forward and go on hopping with the same man; crowned at the far row they move both ways.",
        """(game "NAME" <north-south> (equipment {(board (square <size>)) (piece "Pawn" Each) (piece "Crown" Each)})
        (rules (start {(place "Pawn1" (intersection (expand (sites Bottom)) (sites Phase 0)))
        (place "Pawn2" (intersection (expand (sites Top)) (sites Phase 0)))})
        (play (if (is Prev Mover) (move Hop (from (last To)) Diagonal <over-enemy> <to-empty> <again>)
        (priority {(or (forEach Piece "Pawn" (move Hop (directions {FR FL}) <over-enemy> <to-empty> <again>))
        (forEach Piece "Crown" (move Hop Diagonal <over-enemy> <to-empty> <again>)))
        (or (forEach Piece "Pawn" (move Step (directions {FR FL}) <to-empty>
        (then (if (is In (last To) <far-row>) (promote (last To) (piece "Crown") Mover)))))
        (forEach Piece "Crown" (move <king> <to-empty>)))})))
        (end {<stuck-loses> (if (>= (count Moves) 150) <most-pieces>)})))""",
        {
            "size": ("6", "8"),
            "again": ("(then (if (can Move (hop (from (last To)) Diagonal <over-enemy> <to-empty>)) (moveAgain)))",),
            "king": ("Step Diagonal", "Step Adjacent"),
        },
    ),
    Template(
        "Cricket Meadow",
        "leap capture",
        "The board is full; each player takes one cricket from the middle, then every move is a capture. Who cannot hop loses.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Cricket" Each)})
        (rules (start {(place "Cricket1" (sites Phase 0)) (place "Cricket2" (sites Phase 1))}) phases:{
        (phase "Clearing" (play (move Remove (intersection (sites Occupied by:Mover) (expand (sites Centre)))))
        (nextPhase (> (count Moves) 1) "Hopping"))
        (phase "Hopping" (play (forEach Piece (move Hop <dir> <over-enemy> <to-empty>))) (end <stuck-loses>))}))""",
        {"size": ("6", "5", "7", "8"), "dir": ("Orthogonal", "Adjacent")},
    ),
    Template(
        "Long Bow",
        "leap capture",
        "Archers step, and shoot over any distance: they land behind the enemy they take.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Archer" Each (or
        (move Hop Orthogonal (between before:<reach> if:(is Enemy (who at:(between))) (apply (remove (between)))) <to-empty>)
        (move Step <to-empty>)))})
        (rules (start {(place "Archer1" (sites Bottom)) (place "Archer2" (sites Top))}) (play (forEach Piece))
        (end {<wiped-out-loses> <stuck-loses> (if (>= (count Moves) 120) <most-pieces>)})))""",
        {"board": ("(square 6)", "(square 5)", "(rectangle 7 5)"), "reach": ("5", "2", "1")},
    ),
    Template(
        "Hive Raid",
        "leap capture",
        "Bees on a hexagon; a side without queens has lost, and after enough moves the smaller swarm.",
        """(game "NAME" (players 2) (equipment {(board (hex <size>))
        (piece "Bee" Each (or (move Hop <over-enemy> <to-empty>) (move Step <to-empty>)))
        (piece "Queen" Each (move Step <to-empty>))})
        (rules (start {(place "Bee1" (difference (expand (sites Bottom)) (sites Bottom))) (place "Queen1" (sites Bottom))
        (place "Bee2" (difference (expand (sites Top)) (sites Top))) (place "Queen2" (sites Top))})
        (play (forEach Piece)) (end {(if (no Pieces Next "Queen") (result Mover Win)) <stuck-loses>
        (if (>= (count Moves) <limit>) <most-pieces>)})))""",
        {"size": ("4", "3", "5"), "limit": ("200", "120")},
    ),
    Template(
        "Vaulters",
        "leap capture",
        "Vaulters hop over friends freely and take the enemies they hop over.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Vaulter" Each (or {(move Hop <dir> <over-enemy> <to-empty>) (move Hop <dir> <over-friend> <to-empty>)
        (move Step Forward <to-empty>)}))})
        (rules (start {(place "Vaulter1" (expand (sites Bottom))) (place "Vaulter2" (expand (sites Top)))})
        (play (forEach Piece)) (end {(if (is In (last To) <far-row>) (result Mover Win)) <wiped-out-loses> <stuck-loses>})))""",
        {"rows": ("7", "6", "8"), "columns": ("5", "4", "6"), "dir": ("Orthogonal", "Forwards")},
    ),
    Template(
        "Greedy Geese",
        "leap capture",
        "The choice of hops is free, but the longest series of them must be taken.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Goose" Each)})
        (rules (start {(place "Goose1" (expand (sites Bottom) steps:<rows>)) (place "Goose2" (expand (sites Top) steps:<rows>))})
        (play (if (is Prev Mover) (max Moves (move Hop (from (last To)) Orthogonal <over-enemy> <to-empty> <again>))
        (priority {(max Moves (forEach Piece (move Hop Orthogonal <over-enemy> <to-empty> <again>)))
        (forEach Piece (move Step Orthogonal <to-empty>))})))
        (end {<wiped-out-loses> <stuck-loses> (if (>= (count Moves) 150) <most-pieces>)})))""",
        {
            "size": ("6", "5"),
            "again": ("(then (if (can Move (hop (from (last To)) Orthogonal <over-enemy> <to-empty>)) (moveAgain)))",),
            "rows": ("1", "0"),
        },
    ),
)
