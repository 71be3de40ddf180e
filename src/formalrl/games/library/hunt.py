# ruff: noqa: E501
"""Hunts: unequal sides, one to catch, one to get away or to devour."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Wolf and Flock",
        "hunt",
        "The wolf wants to reach the far row, the sheep to shut it in or to hold out.",
        """(game "NAME" <north-south> (equipment {(board (square <size>))
        (piece "Wolf" P1 (move Step <wolf> <to-empty>)) (piece "Sheep" P2 (move Step <sheep> <to-empty>))})
        (rules (start {(place "Wolf1" (sites {"C1"})) (place "Sheep2" (sites Top))}) (play (forEach Piece))
        (end {(if (and (is Mover P1) (is In (last To) (sites Top))) (result P1 Win)) (if (and (is Mover P2) (no Moves Next)) (result P2 Win))
        (if (and (is Mover P1) (no Moves Next)) (result P1 Win)) (if (>= (count Moves) 32) (result P2 Win))})))""",
        {
            "size": ("5", "6"),
            "wolf": ("Adjacent", "Orthogonal"),
            "sheep": ("Forwards", "(directions {Forward Leftward Rightward})"),
        },
    ),
    Template(
        "Hawk and Hens",
        "hunt",
        "The hawk hops over hens to take them; the hens pen it in or outlast it.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> 5 diagonals:Alternating) use:Vertex)
        (piece "Hawk" P1 (or (move Hop <over-enemy> <to-empty>) (move Step <to-empty>))) (piece "Hen" P2 (move Step <to-empty>))})
        (rules (start {(place "Hawk1" (sites Centre)) (place "Hen2" (expand (sites Bottom) steps:<depth>))}) (play (forEach Piece))
        (end {(if (<= (count Pieces P2) <left>) (result P1 Win)) (if (and (is Mover P2) (no Moves Next)) (result P2 Win))
        (if (>= (count Moves) 110) (result P2 Win))})))""",
        {"rows": ("5", "7"), "depth": ("1",), "left": ("5", "3", "4")},
    ),
    Template(
        "Lynx and Goats",
        "hunt",
        "Goats enter one by one from hand, then walk; the lynxes in the corners win by taking some, the goats by shutting them in.",
        """(game "NAME" (players 2) (equipment {(board (square 5 diagonals:Alternating) use:Vertex) (hand P1)
        (piece "Goat" P1 (move Step <to-empty>))
        (piece "Lynx" P2 (or (move Hop <over-enemy> <to-empty>) (move Step <to-empty>)))})
        (rules (start {(place "Goat1" "Hand1" count:<goats>) (place "Lynx2" {<lynxes>})})
        (play (if (is Mover P2) (forEach Piece) (if (is Occupied (handSite P1)) (move (from (handSite P1)) (to (sites Empty))) (forEach Piece))))
        (end {(if (and (is Mover P1) (no Moves Next)) (result P1 Win))
        (if (and (is Empty (handSite P1)) (<= (count Pieces P1) <left>)) (result P2 Win)) (if (>= (count Moves) 120) (result P1 Win))})))""",
        {
            "goats": ("12", "15"),
            "lynxes": ('"A1" "E5"', '"C3"'),
            "left": ("5", "6"),
        },
    ),
    Template(
        "Smuggler",
        "hunt",
        "The smuggler slides from the middle to a corner; patrols catch it between two of them.",
        """(game "NAME" (players 2) (equipment {(board (square <size>))
        (piece "Patrol" P1 (move <patrol> (then (custodial (from (last To)) Orthogonal (between (max 1)
        if:(= (what at:(between)) (id "Smuggler2")) (apply (remove (between)))) <to-friend>))))
        (piece "Smuggler" P2 (move <smuggler>))})
        (rules (start {(place "Patrol1" {<patrols>}) (place "Smuggler2" (sites Centre))})
        (play (forEach Piece)) (end {(if (no Pieces P2) (result P1 Win)) (if (is In (last To) (intersection (sites Corners)
        (sites Occupied by:P2))) (result P2 Win)) (if (and (is Mover P1) (no Moves Next)) (result P1 Win))
        (if (>= (count Moves) <limit>) (result P1 Win))})))""",
        {
            "size": ("7",),
            "patrols": ('"A4" "D1" "D7" "G4"', '"B2" "B6" "F2" "F6" "D1" "D7"', '"A2" "A6" "G2" "G6" "D2" "D6"'),
            "patrol": ("Step Orthogonal <to-empty>", "Step <to-empty>"),
            "smuggler": ("Slide Orthogonal", "Step <to-empty>"),
            "limit": ("40", "30"),
        },
    ),
    Template(
        "Hounds on the Heath",
        "hunt",
        "Hounds never go back; the hare must slip past them in time or is caught.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> 3 diagonals:Alternating) use:Vertex)
        (piece "Hound" P1 (move Step <way> <to-empty>)) (piece "Hare" P2 (move Step <to-empty>))})
        (rules (start {(place "Hound1" (sites Bottom)) (place "Hare2" <hare>)}) (play (forEach Piece))
        (end {(if (and (is Mover P1) (no Moves Next)) (result P1 Win)) (if (and (is Mover P2) (is In (last To) (sites Bottom))) (result P2 Win))
        (if (and (is Mover P2) (no Moves Next)) (result P2 Win)) (if (>= (count Moves) <limit>) (result P1 Win))})))""",
        {
            "rows": ("5", "6"),
            "way": ("(directions {Forward FL FR Leftward Rightward})", "(directions {Forward Leftward Rightward})"),
            "hare": ('(sites {"B4"})', '(sites {"B5"})'),
            "limit": ("30", "20"),
        },
    ),
    Template(
        "Two Foxes",
        "hunt",
        "Two foxes among many hens: each hop takes one; the hens win by filling the henhouse or by lasting long enough.",
        """(game "NAME" <north-south> (equipment {(board (square <size>)) (regions "House" (sites Top))
        (piece "Hen" P1 (move Step <hen> <to-empty>))
        (piece "Fox" P2 (or (move Hop <fox> <over-enemy> <to-empty>) (move Step <fox> <to-empty>)))})
        (rules (start {(place "Hen1" (expand (sites Bottom))) (place "Fox2" {<foxes>})}) (play (forEach Piece))
        (end {(if (>= (count Sites in:(intersection (sites "House") (sites Occupied by:P1))) <goal>) (result P1 Win))
        (if (<= (count Pieces P1) 3) (result P2 Win)) (if (and (is Mover P1) (no Moves Next)) (result P1 Win))
        (if (and (is Mover P2) (no Moves Next)) (result P2 Win))})))""",
        {
            "size": ("5",),
            "foxes": ('"B5" "D5"', '"A5" "E5"', '"B5" "C4" "D5"'),
            "hen": ("(directions {Forward Leftward Rightward})",),
            "fox": ("Orthogonal", "Adjacent"),
            "goal": ("2", "3"),
        },
    ),
    Template(
        "Bear Den",
        "hunt",
        "Beaters drive a bear around rings; it is lost when it cannot move and safe after enough moves.",
        """(game "NAME" (players 2) (equipment {(board (concentric <rings> joinCorners:True) use:Vertex)
        (piece "Beater" P1 (move Step <to-empty>)) (piece "Bear" P2 (move Step <to-empty>))})
        (rules (start {(place "Beater1" {<beaters>}) (place "Bear2" <bear>)}) (play (forEach Piece))
        (end {(if (and (is Mover P1) (no Moves Next)) (result P1 Win)) (if (>= (count Moves) <limit>) (result P2 Win))})))""",
        {
            "rings": ("Square rings:2", "Triangle rings:2", "Hexagon rings:2"),
            "beaters": ("0 1 2 3", "0 1 2"),
            "bear": ("5", "4"),
            "limit": ("120", "90"),
        },
    ),
    Template(
        "Leopard Rock",
        "hunt",
        "Leopards come down from the rock above the village; cattle step, leopards also hop, and either side wins by numbers.",
        """(game "NAME" <north-south> (equipment {(board (merge <village> (shift <over> <up> (rotate 180 (wedge 3)))) use:Vertex)
        (piece "Cattle" P1 (move Step <to-empty>))
        (piece "Leopard" P2 (or (move Hop <over-enemy> <to-empty>) (move Step <to-empty>)))})
        (rules (start {(place "Cattle1" (expand (sites Bottom))) (place "Leopard2" (sites Top))}) (play (forEach Piece))
        (end {(if (<= (count Pieces P1) <few>) (result P2 Win)) (if (and (is Mover P1) (no Moves Next)) (result P1 Win))
        (if (and (is Mover P2) (no Moves Next)) (result P2 Win)) (if (>= (count Moves) <limit>) (result P1 Win))})))""",
        {
            "village": ("(square 5 diagonals:Alternating)", "(square 5)"),
            "over": ("1",),
            "up": ("4",),
            "few": ("7", "6"),
            "limit": ("120", "90"),
        },
    ),
    Template(
        "Night Watch",
        "hunt",
        "The thief leaps from roof to roof over the watch and out at the far edge; the watch closes every street.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Thief" P1 (or (move Step <thief> <to-empty>) (move Hop <thief> (between if:(is Occupied (between))) <to-empty>)))
        (piece "Watch" P2 (move Step <watch> <to-empty>))})
        (rules (start {(place "Thief1" coord:"C1") (place "Watch2" (expand (sites Top) steps:<depth>))}) (play (forEach Piece))
        (end {(if (and (is Mover P1) (is In (last To) (sites Top))) (result P1 Win)) (if (and (is Mover P2) (no Moves Next)) (result P2 Win))
        (if (and (is Mover P1) (no Moves Next)) (result P1 Win)) (if (>= (count Moves) 40) (result P2 Win))})))""",
        {
            "rows": ("6", "5", "7"),
            "columns": ("5", "4"),
            "thief": ("Orthogonal", "Adjacent"),
            "watch": ("Orthogonal", "Forwards"),
            "depth": ("0",),
        },
    ),
)
