# ruff: noqa: E501
"""Line games: a row of one's own stones wins, or loses."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Row of Stones",
        "line",
        "Place stones; a row of the given length wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Stone" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Line <length>) (result Mover Win)))))""",
        {"board": ("(square 5)", "(square 7)", "(hex 4)", "(rectangle 4 6)"), "length": ("4", "3")},
    ),
    Template(
        "Shy Row",
        "line",
        "A long row wins, but whoever makes a row of three on the way loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Bead" Each)})
        (rules (play (move Add (to (sites Empty))))
        (end {(if (is Line <length>) (result Mover Win)) (if (is Line 3) (result Mover Loss))})))""",
        {"board": ("(hex 5)", "(hex 4)", "(square 6)"), "length": ("4", "5")},
    ),
    Template(
        "Orchard",
        "line",
        "Plant all trees from hand, then move them; a row wins.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (hand Each) (piece "Tree" Each <move>)})
        (rules (start (place "Tree" "Hand" count:<count>)) phases:{
        (phase "Planting" (play (move (from (handSite Mover)) (to (sites Empty))))
        (nextPhase (and (is Empty (handSite P1)) (is Empty (handSite P2))) "Growing"))
        (phase "Growing" (play (forEach Piece)))} (end (if (is Line <length>) (result Mover Win)))))""",
        {
            "size": ("4", "5"),
            "move": ("(move Step <to-empty>)", "(move Slide Orthogonal)"),
            "count": ("4", "5"),
            "length": ("3", "4"),
        },
    ),
    Template(
        "Mill Wheel",
        "line",
        "Millers enter nested rings from hand and then walk along them; three in a row wins, having no move loses.",
        """(game "NAME" (players 2) (equipment {(board (concentric Square rings:<rings><corners>) use:Vertex) (hand Each)
        (piece "Miller" Each (move Step <to-empty>))})
        (rules (start (place "Miller" "Hand" count:<count>)) phases:{
        (phase "Placing" (play (move (from (handSite Mover)) (to (sites Empty))))
        (nextPhase (and (is Empty (handSite P1)) (is Empty (handSite P2))) "Moving"))
        (phase "Moving" (play (forEach Piece)) (end <stuck-loses>))}
        (end (if (is Line 3 Orthogonal) (result Mover Win)))))""",
        {"rings": ("2", "3"), "corners": ("", " joinCorners:True"), "count": ("4", "6")},
    ),
    Template(
        "Falling Leaves",
        "line",
        "Leaves fall onto the bottom row or onto another leaf; a row wins.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns>)) (piece "Leaf" Each)})
        (rules (play (move Add (to (sites Empty) if:(or (is In (to) (sites Bottom)) (is Occupied (ahead (to) S))))))
        (end (if (is Line <length>) (result Mover Win)))))""",
        {"rows": ("5", "6"), "columns": ("6", "5", "7"), "length": ("4", "3")},
    ),
    Template(
        "Lantern Pairs",
        "line",
        "A row wins; so does taking enough enemy lanterns, caught two at a time between one's own.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Lantern" Each)})
        (rules (play (move Add (to (sites Empty)) (then (custodial (from (last To)) (between (max 2)
        if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))) <to-friend>))))
        (end {(if (is Line <length>) (result Mover Win)) (if (>= (score Mover) <goal>) (result Mover Win))})))""",
        {"board": ("(square 7)", "(square 6)", "(hex 4)"), "length": ("4", "5"), "goal": ("6", "4")},
    ),
    Template(
        "Comb",
        "line",
        "A row of exactly the given length wins; a longer one is worth nothing.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Tooth" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Line <length><way> exact:True) (result Mover Win)))))""",
        {"size": ("6", "7", "8"), "length": ("3", "4"), "way": ("", " Orthogonal", " Diagonal")},
    ),
    Template(
        "Bone Yard",
        "line",
        "Both players add the same gray bones; whoever completes a row of them wins, or loses.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Bone" Neutral)})
        (rules (play (move Add (piece "Bone0") (to (sites Empty))))
        (end (if (is Line 3 what:(id "Bone0")) (result Mover <outcome>)))))""",
        {"size": ("4", "5", "3"), "outcome": ("Loss", "Win")},
    ),
    Template(
        "Sliding Doors",
        "line",
        "Doors slide until they are stopped by choice or by another door; a row away from home wins.",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Door" Each (move Slide <way>))})
        (rules (start {(place "Door1" (sites Bottom)) (place "Door2" (sites Top))}) (play (forEach Piece))
        (end (if (and (is Line 3) (not (is In (last To) (union (sites Top) (sites Bottom))))) (result Mover Win)))))""",
        {"size": ("5", "6", "7"), "way": ("Orthogonal", "Adjacent", "Diagonal")},
    ),
    Template(
        "Close Quarters",
        "line",
        "After the first stone every stone must touch another one; a row wins.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Brick" Each)})
        (rules (start (place "Brick1" (sites Centre)))
        (play (move Add (to (sites Around (sites Occupied by:All) Empty)))) (end (if (is Line <length>) (result Mover Win)))))""",
        {"board": ("(square 7)", "(hex 4)", "(square 5)", "(square 9)"), "length": ("4", "3")},
    ),
)
