"""Connection games: join sides of the board, corners, or all of one's pieces."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Bridge Builders",
        "connection",
        "Each player joins two opposite sides of a rhombus.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Beam" Each)
        (regions P1 {(sites Side NE) (sites Side SW)}) (regions P2 {(sites Side NW) (sites Side SE)})})
        (rules<meta> (play (move Add (to (sites Empty)))) (end (if (is Connected Mover) (result Mover Win)))))""",
        {
            "board": ("(hex Diamond 5)", "(hex Diamond 4)", "(hex Diamond 7)", "(hex Prism 4)"),
            "meta": ("", " (meta (swap))"),
        },
    ),
    Template(
        "Causeway",
        "connection",
        "Whoever first lays a path between the named sides wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Plank" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if <goal> (result Mover Win)))))""",
        {
            "board": ("(square 6)", "(square 5)", "(rectangle 5 7)"),
            "goal": (
                "(is Connected {(sites Top) (sites Bottom)})",
                "(is Connected {(sites Left) (sites Right)})",
                "(is Connected {(sites Left) (sites Right) (sites Top)})",
            ),
        },
    ),
    Template(
        "Three Shores",
        "connection",
        "Join all three sides of a triangle.",
        """(game "NAME" (players 2) (equipment {(board (hex Triangle <size>)) (piece "Log" Each)})
        (rules<meta> (play (move Add (to (sites Empty))))
        (end (if (is Connected {(sites Side S) (sites Side NE) (sites Side NW)}) (result Mover Win)))))""",
        {"size": ("6", "7", "8"), "meta": ("", " (meta (swap))")},
    ),
    Template(
        "Crossed Canals",
        "connection",
        "One player digs from top to bottom, the other from left to right, over a square board.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns>)) (piece "Canal" Each)
        (regions P1 {(sites Top) (sites Bottom)}) (regions P2 {(sites Left) (sites Right)})})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Connected<way> Mover) (result Mover Win)))))""",
        {"rows": ("6", "5", "7"), "columns": ("6", "5"), "way": ("", " Orthogonal")},
    ),
    Template(
        "Dead End Street",
        "connection",
        "Whoever is forced to join two opposite sides loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Cobble" Each)})
        (rules (play (move Add (to (sites Empty))))
        (end (if (is Connected {(sites <one>) (sites <other>)}) (result Mover Loss)))))""",
        {
            "board": ("(square 5)", "(square 6)", "(rectangle 4 6)"),
            "one": ("Left", "Top"),
            "other": ("Right", "Bottom"),
        },
    ),
    Template(
        "Vines",
        "connection",
        "Every new leaf grows beside an old one of the same color; the vine that spans the wall wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Vine" Each)})
        (rules (start {(place "Vine1" (sites Left)) (place "Vine2" (sites Right))})
        (play (move Add (to (sites Around (sites Occupied by:Mover) Empty <way>))))
        (end {(if (is Connected {(sites Left) (sites Right)}) (result Mover Win)) <stuck-loses>})))""",
        {"board": ("(square 6)", "(square 7)", "(rectangle 4 7)"), "way": ("Orthogonal", "Adjacent")},
    ),
    Template(
        "Five Harbors",
        "connection",
        "Join any three of the six sides of a hexagon.",
        """(game "NAME" (players 2) (equipment {(board (hex <size>)) (piece "Buoy" Each)})
        (rules<meta> (play (move Add (to (sites Empty)))) (end (if (is Connected <count> {(sites Side N) (sites Side NE)
        (sites Side SE) (sites Side S) (sites Side SW) (sites Side NW)}) (result Mover Win)))))""",
        {"size": ("4", "3", "5"), "count": ("3", "4"), "meta": ("", " (meta (swap))")},
    ),
    Template(
        "Walking Bridge",
        "connection",
        "Place a pier or move one a step; a chain from side to side wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Pier" Each)
        (regions P1 {(sites Top) (sites Bottom)}) (regions P2 {(sites Left) (sites Right)})})
        (rules (play (or (move Add (to (sites Empty))) (forEach Piece (move Step <way> <to-empty>))))
        (end (if (is Connected Mover) (result Mover Win)))))""",
        {"board": ("(square 5)", "(square 6)", "(square 7)"), "way": ("Orthogonal", "Diagonal", "Adjacent")},
    ),
    Template(
        "Cut Ropes",
        "connection",
        "Join top and bottom while stones between two enemies are taken off the board.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Rope" Each)
        (regions P1 {(sites Top) (sites Bottom)}) (regions P2 {(sites Left) (sites Right)})})
        (rules (play (move Add (to (sites Empty)) (then (custodial (from (last To)) <way> (between (max <reach>)
        if:(is Enemy (who at:(between))) (apply (remove (between)))) <to-friend>))))
        (end (if (is Connected Mover) (result Mover Win)))))""",
        {
            "board": ("(square 6)", "(square 5)"),
            "way": ("Orthogonal", "Adjacent"),
            "reach": ("1", "2"),
        },
    ),
    Template(
        "Gathering",
        "connection",
        "Scattered sheep step about until all sheep of one flock stand together.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Sheep" Each (move <move>))})
        (rules (start {(place "Sheep1" <first>) (place "Sheep2" <second>)}) (play (forEach Piece))
        (end {(if (= (count Groups if:(= (who at:(to)) (mover))) 1) (result Mover Win))
        (if (= (count Groups if:(= (who at:(to)) (next))) 1) (result Next Win))})))""",
        {
            "size": ("5", "6"),
            "move": ("Step <to-empty>", "Slide Orthogonal", "Step <to-take>"),
            "first": ('{"A1" "E1" "A5" "E5"}',),
            "second": ('{"C1" "A3" "E3" "C5"}', '{"B2" "B4" "D2" "D4"}'),
        },
    ),
)
