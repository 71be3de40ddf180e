# ruff: noqa: E501
"""Blocking: the last player who can move wins."""

from .template import Template

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Ice Floes",
        "blocking",
        "Where a seal leaves, the ice breaks; who cannot move loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Seal" Each (move <move>)) (piece "Hole" Neutral)})
        (rules (start {(place "Seal1" <one>) (place "Seal2" <two>)}) (play (forEach Piece)) (end <stuck-loses>)))""",
        {
            "board": ("(square 6)", "(square 7)"),
            "move": (
                'Step <to-empty> (then (add (piece "Hole0") (to (last From))))',
                'Slide Orthogonal (then (add (piece "Hole0") (to (last From))))',
            ),
            "one": ('(sites {"A1"})', '(sites {"A1" "B1"})'),
            "two": ('(sites {"F6"})',),
        },
    ),
    Template(
        "Last Ditch",
        "blocking",
        "No spade next to the marked stones; who cannot dig loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Spade" Each)})
        (rules (play (move Add (to (sites Empty) if:(not (is In (to) (sites Around <taken> Orthogonal)))))) (end <stuck-loses>)))""",
        {
            "board": ("(square 5)", "(square 6)", "(rectangle 4 7)", "(hex 4)"),
            "taken": ("(sites Occupied by:Mover)", "(sites Occupied by:Next)", "(sites Occupied by:All)"),
        },
    ),
    Template(
        "Falling Crates",
        "blocking",
        "Each turn moves the porter and then drops a crate on any free square; a walled-in porter loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Porter" Each <move>) (piece "Crate" Neutral)})
        (rules (start {(place "Porter1" (sites <first>)) (place "Porter2" (sites <second>))})
        (play (if (is Even (count Moves)) (forEach Piece) (move Add (piece "Crate0") (to (sites Empty)))))
        (end <stuck-loses>)))""",
        {
            "board": ("(square 5)", "(square 6)", "(rectangle 4 6)"),
            "move": (
                "(move Step <to-empty> (then (moveAgain)))",
                "(move Slide Adjacent (then (moveAgain)))",
                "(move Leap {{F F R F} {F F L F}} <to-empty> (then (moveAgain)))",
            ),
            "first": ('{"A1"}', '{"A1" "C1"}'),
            "second": ('{"D4"}', '{"D4" "B4"}'),
        },
    ),
    Template(
        "Burning Arrows",
        "blocking",
        "A scout slides, then shoots a fire along a free line from where it stands; who cannot move loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Scout" Each (move Slide <way> (then (moveAgain))))
        (piece "Fire" Neutral)})
        (rules (start {(place "Scout1" {"A2" "B1"}) (place "Scout2" {<second>})})
        (play (if (is Even (count Moves)) (forEach Piece) (move Shoot (piece "Fire0")))) (end <stuck-loses>)))""",
        {
            "board": ("(square 5)", "(square 6)", "(rectangle 5 7)"),
            "way": ("Adjacent", "Orthogonal"),
            "second": ('"D5" "E4"', '"E4"'),
        },
    ),
    Template(
        "Planks",
        "blocking",
        "One player lays planks upright, the other flat, each over two squares; who finds no room loses.",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns>)) (piece "Plank" Each)})
        (rules (play (if (is Mover P1)
        (move Add (to (difference (sites Empty) (sites Top)) if:(is Empty (ahead (to) N)))
        (then (add (to (ahead (last To) N)))))
        (move Add (to (difference (sites Empty) (sites Right)) if:(is Empty (ahead (to) E)))
        (then (add (to (ahead (last To) E)))))))
        (end <stuck-loses>)))""",
        {"rows": ("5", "6", "4"), "columns": ("5", "6", "4", "7")},
    ),
    Template(
        "Bargemen",
        "blocking",
        "Barges meet head on in narrow canals and only go forward; who has no water left loses.",
        """(game "NAME" (players {(player E) (player W)}) (equipment {(board (rectangle <rows> <columns>))
        (piece "Barge" Each (move <move>))})
        (rules (start {(place "Barge1" (sites Left)) (place "Barge2" (sites Right))}) (play (forEach Piece)) (end <stuck-loses>)))""",
        {
            "rows": ("5", "4", "3", "6"),
            "columns": ("7", "6", "8"),
            "move": (
                "Slide Forward",
                "Slide Forward (between (max 2) if:(is Empty (between)))",
                "Step (directions {Forward FL}) <to-empty>",
            ),
        },
    ),
    Template(
        "Narrow Paths",
        "blocking",
        "Hikers only go ahead or aside; who is out of steps loses, or wins.",
        """(game "NAME" <north-south> (equipment {(board (rectangle <rows> <columns>))
        (piece "Hiker" Each (move Step <way> <to-empty>))})
        (rules (start {(place "Hiker1" (sites Bottom)) (place "Hiker2" (sites Top))}) (play (forEach Piece))
        (end (if (no Moves Next) (result <who> Win)))))""",
        {
            "rows": ("6", "5", "7"),
            "columns": ("4", "5"),
            "way": ("Forwards", "(directions {FL FR})"),
            "who": ("Mover", "Next"),
        },
    ),
    Template(
        "Wet Paint",
        "blocking",
        "A brush paints every square it leaves and slides only over dry ones; who cannot slide loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Brush" Each (move Slide <way>
        (between (max <reach>) if:(is Empty (between))) (then (add (piece "Paint0") (to (last From))))))
        (piece "Paint" Neutral)})
        (rules (start {(place "Brush1" (sites Bottom)) (place "Brush2" (sites Top))}) (play (forEach Piece)) (end <stuck-loses>)))""",
        {
            "board": ("(hex 3)", "(hex 4)", "(square 5)"),
            "way": ("Adjacent", "Orthogonal"),
            "reach": ("2", "1", "3"),
        },
    ),
    Template(
        "Odd Company",
        "blocking",
        "A guest sits down only where an even number of places around is taken; who finds no seat loses.",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Guest" Each)})
        (rules (play (move Add (to (sites Empty) if:(is <parity> (count Sites in:(sites Around (to) NotEmpty <way>))))))
        (end <stuck-loses>)))""",
        {
            "board": ("(square 5)", "(square 6)", "(hex 3)", "(rectangle 4 6)"),
            "parity": ("Even",),
            "way": ("Orthogonal", "Adjacent"),
        },
    ),
)
