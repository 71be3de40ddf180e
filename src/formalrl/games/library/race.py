# ruff: noqa: E501
"""Races: be the first on the far side, with one piece or with all of them."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "River Race",
        "race",
        "Step ahead or hop over anybody; the first piece on the far bank wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Raft" Each (or (move Step <steps> <to-empty>) (move Hop <hops> <over-any> <to-empty>)))})
        (rules (start {(place "Raft1" (sites Bottom)) (place "Raft2" (sites Top))}) (play (forEach Piece))
        (end {(if (is In (last To) <far-row>) (result Mover Win)) <stuck-loses>})))""",
        {
            "rows": ("7", "6", "9"),
            "columns": ("4", "5"),
            "steps": ("Forward", "Forwards"),
            "hops": ("Forwards", "Orthogonal"),
        },
    ),
    Template(
        "Moving Day",
        "race",
        "Bring all carts to the opposite row; hops over any cart are free.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Cart" Each (or (move Step <steps> <to-empty>) (move Hop <steps> <over-any> <to-empty>)))
        (regions P1 (sites Top)) (regions P2 (sites Bottom))})
        (rules (start {(place "Cart1" (sites Bottom)) (place "Cart2" (sites Top))}) (play (forEach Piece))
        (end {(if (all Sites (sites Mover) if:(is Friend (who at:(site)))) (result Mover Win)) <stuck-loses>})))""",
        {
            "rows": ("5", "6"),
            "columns": ("3", "4", "5"),
            "steps": ("(directions {Forward Leftward Rightward})", "Forwards"),
        },
    ),
    Template(
        "Summit",
        "race",
        "From the foot of the hill, climbers step and hop; the first on the top wins.",
        """(game "NAME" (players 2) (equipment {(board (hex <size>)) (piece "Climber" Each (or
        (move Step <to-empty>) (move Hop <hurdle> <to-empty>)))})
        (rules (start {(place "Climber1" (sites Side <first>)) (place "Climber2" (sites Side <second>))})
        (play (forEach Piece)) (end (if (is In (last To) (sites Centre)) (result Mover Win)))))""",
        {
            "size": ("4", "5", "6"),
            "hurdle": ("<over-any>", "<over-enemy>"),
            "first": ("S", "SW"),
            "second": ("N", "NE"),
        },
    ),
    Template(
        "Stepping Stones",
        "race",
        "A hop may be followed by another one with the same piece; the first traveler on the far row wins.",
        """(game "NAME" <north-south> (equipment {(board (square <size>)) (piece "Traveler" Each) (piece "Stone" Neutral)})
        (rules (start {(place "Traveler1" (sites Bottom)) (place "Traveler2" (sites Top)) (place "Stone0" {<stones>})})
        (play (if (is Prev Mover) (or (move Hop (from (last To)) <dir> <over-any> <fresh> <again>) (move Pass))
        (or (forEach Piece (move Step Forwards <to-empty>)) (forEach Piece (move Hop <dir> <over-any> <fresh> <again>)))))
        (end (if (is In (last To) <far-row>) (result Mover Win)))))""",
        {
            "size": ("6", "7"),
            "dir": ("Forwards", "Orthogonal"),
            "stones": ('"B3" "E4"', '"C3" "D3" "C4" "D4"', '"A3" "F4"'),
            "fresh": ("(to if:(and (is Empty (to)) (not (is Visited (to)))))",),
            "again": ("(then (if (can Move (hop (from (last To)) <dir> <over-any> <fresh>)) (moveAgain)))",),
        },
    ),
    Template(
        "Toll Gate",
        "race",
        "A rider who is met on the road goes back to the stable; the first on the far row wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>)) (hand Each)
        (piece "Rider" Each (move Step <way> (to if:(not (is Friend (who at:(to))))
        (apply (if (is Enemy (who at:(to))) (fromTo (from (to)) (to (handSite Next))))))))})
        (rules (start (place "Rider" "Hand" count:<count>))
        (play (or (forEach Piece) (move (from (handSite Mover))
        (to (intersection (sites Empty) (if (is Mover P1) (sites Bottom) (sites Top)))))))
        (end {(if (is In (last To) (intersection (sites Occupied by:Mover) <far-row>)) (result Mover Win)) <stuck-loses>})))""",
        {
            "rows": ("6", "5", "8"),
            "columns": ("3", "4", "2"),
            "way": ("Forwards", "Forward"),
            "count": ("4", "3"),
        },
    ),
    Template(
        "Porters",
        "race",
        "Porters who stand on the far row may leave the board; the first to bring all of them away wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>)) (piece "Porter" Each
        (or (move Step <way> <to-empty>) (move Hop <way> <over-any> <to-empty>)))})
        (rules (start {(place "Porter1" (sites Bottom)) (place "Porter2" (sites Top))})
        (play (or (move Remove (intersection (sites Occupied by:Mover) <far-row>)) (forEach Piece)))
        (end {(if (no Pieces Mover) (result Mover Win)) <stuck-loses>})))""",
        {
            "rows": ("5", "4", "6"),
            "columns": ("4", "3", "5"),
            "way": ("Forwards", "(directions {Forward Leftward Rightward})"),
        },
    ),
    Template(
        "Opposite Corner",
        "race",
        "Two armies cross the board corner to corner; whoever fills the other's camp wins.",
        """(game "NAME" <facing> (equipment {(board (square <size>))
        (piece "Pilgrim" Each (or (move Step <steps> <to-empty>) (move Hop <steps> <over-any> <to-empty>)))
        (regions "West" P1 <far>) (regions "East" P2 <near>)})
        (rules (start {(place "Pilgrim1" <near>) (place "Pilgrim2" <far>)}) (play (forEach Piece))
        (end {(if (all Sites (sites Mover) if:(is Friend (who at:(site)))) (result Mover Win)) <stuck-loses>
        (if (>= (count Moves) 200) (result Mover Draw))})))""",
        {
            "facing": ("(players {(player NE) (player SW)})",),
            "size": ("4", "5"),
            "near": ("(expand origin:(coord row:0 column:0) <camp>)",),
            "far": ("(expand origin:(coord row:(- <size> 1) column:(- <size> 1)) <camp>)",),
            "camp": ("Orthogonal", "Adjacent", "Diagonal"),
            "steps": ("Forwards", "(directions {Forward FL FR})"),
        },
    ),
    Template(
        "Snow Plow",
        "race",
        "A plow slides forward and pushes nobody: it stops before others, and sidesteps; the first through wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Plow" Each (or (move Slide Forward (between (max <reach>) if:(is Empty (between))))
        (move Step (directions {Leftward Rightward}) <side>)))})
        (rules (start {(place "Plow1" (sites Bottom)) (place "Plow2" (sites Top))}) (play (forEach Piece))
        (end {(if (is In (last To) <far-row>) (result Mover Win)) <stuck-loses>})))""",
        {
            "rows": ("7", "9", "6"),
            "columns": ("4", "5", "3"),
            "reach": ("2", "3"),
            "side": ("<to-empty>", "<to-take>"),
        },
    ),
)
