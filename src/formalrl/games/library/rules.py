# ruff: noqa: E501
"""Rules of the library's games. `<key>` stands for one of a template's choices; the first values make the base game."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Template:
    """Rules with blanks."""

    name: str
    family: str
    text: str
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


_HOP = "(move Hop <dir> (between if:(is Enemy (who at:(between))) (apply (remove (between)))) (to if:(is Empty (to))))"
_STEP = "(move Step <dir> (to if:(is Empty (to))))"
_TAKE = "(to if:(not (is Friend (who at:(to)))) (apply (if (is Enemy (who at:(to))) (remove (to)))))"
_BLOCKED = "(end (if (no Moves Next) (result Mover Win)))"
_HALVES = (
    """(start {(place "Man1" (expand (sites Bottom) steps:<rows>)) (place "Man2" (expand (sites Top) steps:<rows>))})"""
)

TEMPLATES: tuple[Template, ...] = (
    Template(
        "Row of Stones",
        "line",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Stone" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Line <length>) (result Mover Win)))))""",
        {"board": ("(square 5)", "(square 7)", "(hex 4)", "(rectangle 4 6)"), "length": ("4", "3")},
    ),
    Template(
        "Shy Row",
        "line",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Stone" Each)})
        (rules (play (move Add (to (sites Empty))))
        (end {(if (is Line <length>) (result Mover Win)) (if (is Line 3) (result Mover Loss))})))""",
        {"board": ("(hex 5)", "(hex 4)", "(square 6)"), "length": ("4", "5")},
    ),
    Template(
        "Orchard",
        "line",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (hand Each) (piece "Tree" Each <move>)})
        (rules (start (place "Tree" "Hand" count:<count>)) phases:{
        (phase "Planting" (play (move (from (handSite Mover)) (to (sites Empty))))
        (nextPhase (and (is Empty (handSite P1)) (is Empty (handSite P2))) "Growing"))
        (phase "Growing" (play (forEach Piece)))} (end (if (is Line <length>) (result Mover Win)))))""",
        {
            "size": ("4", "5"),
            "move": ("(move Step (to if:(is Empty (to))))", "(move Slide Orthogonal)"),
            "count": ("4", "5"),
            "length": ("3", "4"),
        },
    ),
    Template(
        "Mill Wheel",
        "line",
        """(game "NAME" (players 2) (equipment {(board (concentric Square rings:<rings><corners>) use:Vertex) (hand Each)
        (piece "Miller" Each (move Step (to if:(is Empty (to)))))})
        (rules (start (place "Miller" "Hand" count:<count>)) phases:{
        (phase "Placing" (play (move (from (handSite Mover)) (to (sites Empty))))
        (nextPhase (and (is Empty (handSite P1)) (is Empty (handSite P2))) "Moving"))
        (phase "Moving" (play (forEach Piece)) (end (if (no Moves Next) (result Mover Win))))}
        (end (if (is Line 3 Orthogonal) (result Mover Win)))))""",
        {"rings": ("2", "3"), "corners": ("", " joinCorners:True"), "count": ("4", "6")},
    ),
    Template(
        "Bridge Builders",
        "connection",
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
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Plank" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if <goal> (result Mover Win)))))""",
        {
            "board": ("(square 6)", "(square 5)", "(rectangle 5 7)"),
            "goal": (
                "(is Connected {(sites Top) (sites Bottom)})",
                "(is Connected {(sites Left) (sites Right)})",
                "(is Connected Orthogonal {(sites Left) (sites Right)})",
            ),
        },
    ),
    Template(
        "Three Shores",
        "connection",
        """(game "NAME" (players 2) (equipment {(board (hex Triangle <size>)) (piece "Log" Each)})
        (rules<meta> (play (move Add (to (sites Empty))))
        (end (if (is Connected {(sites Side S) (sites Side NE) (sites Side NW)}) (result Mover Win)))))""",
        {"size": ("6", "5", "8"), "meta": ("", " (meta (swap))")},
    ),
    Template(
        "Frog War",
        "leap capture",
        f"""(game "NAME" (players {{(player N) (player S)}}) (equipment {{(board (square <size>))
        (piece "Man" Each (or {_HOP} {_STEP}))}})
        (rules {_HALVES} (play (forEach Piece)) (end {{(if (no Pieces Next) (result Mover Win))
        (if (no Moves Next) (result Mover Win)) (if (>= (count Moves) 100) (byScore {{(score P1 (count Pieces P1))
        (score P2 (count Pieces P2))}}))}})))""",
        {"dir": ("Orthogonal", "Diagonal", "Adjacent"), "size": ("6", "5"), "rows": ("1", "0")},
    ),
    Template(
        "Forced Leap",
        "leap capture",
        f"""(game "NAME" (players {{(player N) (player S)}}) (equipment {{(board (square <size>)) (piece "Man" Each)}})
        (rules {_HALVES} (play (priority {{(forEach Piece {_HOP}) (forEach Piece (move Step <ahead> (to if:(is Empty (to)))))}}))
        (end {{(if (is In (last To) (if (is Mover P1) (sites Top) (sites Bottom))) (result Mover Win))
        (if (no Moves Next) (result Mover Win))}})))""",
        {
            "dir": ("Orthogonal", "Adjacent"),
            "ahead": ("(directions {Forward Leftward Rightward})", "(directions {Forward FL FR})"),
            "size": ("6", "8"),
            "rows": ("1",),
        },
    ),
    Template(
        "Star Field",
        "leap capture",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> <columns> diagonals:Alternating) use:Vertex)
        (piece "Scout" Each (or (move Hop (between if:(is Enemy (who at:(between))) (apply (remove (between))))
        (to if:(is Empty (to)))) (move Step (to if:(is Empty (to))))))})
        (rules (start {(place "Scout1" (expand (sites Bottom) steps:<depth>)) (place "Scout2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {(if (no Pieces Next) (result Mover Win)) (if (no Moves Next) (result Mover Win))})))""",
        {"rows": ("5", "7"), "columns": ("5", "3"), "depth": ("1", "0")},
    ),
    Template(
        "Footmen",
        "replacement",
        """(game "NAME" (players {(player N) (player S)}) (equipment {(board (rectangle <rows> <columns>))
        (piece "Man" Each (or (move Step <quiet> (to if:(is Empty (to))))
        (move Step <taking> (to if:(is Enemy (who at:(to))) (apply (remove (to)))))))})
        (rules (start {(place "Man1" (expand (sites Bottom) steps:<depth>)) (place "Man2" (expand (sites Top) steps:<depth>))})
        (play (forEach Piece)) (end {(if (is In (last To) (if (is Mover P1) (sites Top) (sites Bottom))) (result Mover Win))
        (if (no Moves Next) (result Mover Win))})))""",
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
        f"""(game "NAME" (players {{(player N) (player S)}}) (equipment {{(board (square <size>))
        (piece "King" Each (move Step {_TAKE})) (piece "Tower" Each (move Slide Orthogonal {_TAKE}))
        (piece "Rider" Each <rider>)}})
        (rules (start {{(place "King1" coord:"C1") (place "King2" coord:"C<size>") (place "Tower1" {{"A1" "E1"}})
        (place "Tower2" {{"A<size>" "E<size>"}}) (place "Rider1" {{"B1" "D1"}}) (place "Rider2" {{"B<size>" "D<size>"}})}})
        (play (forEach Piece)) (end (if (no Pieces Next "King") (result Mover Win)))))""",
        {
            "size": ("5", "6", "7"),
            "rider": (f"(move Leap {{{{F F R F}} {{F F L F}}}} {_TAKE})", f"(move Slide Diagonal {_TAKE})"),
        },
    ),
    Template(
        "Royal Guard",
        "replacement",
        f"""(game "NAME" (players {{(player N) (player S)}}) (equipment {{(board (square 6))
        (piece "King" Each (move Step {_TAKE})) (piece "Guard" Each <guard>)}})
        (rules (start {{(place "King1" coord:"D1") (place "King2" coord:"D6") (place "Guard1" (sites Row 1))
        (place "Guard2" (sites Row 4))}})
        (play (do (forEach Piece) ifAfterwards:(not (is Threatened (id "King" Mover)))))
        (end {{(if (and (is Threatened (id "King" Next)) (no Moves Next)) (result Mover Win)) (if (no Moves Next) (result Mover Draw))
        (if (>= (count Moves) 80) (byScore {{(score P1 (count Pieces P1)) (score P2 (count Pieces P2))}}))}})))""",
        {
            "guard": (
                f"(move Step Forward {_TAKE})",
                f"(move Slide Orthogonal {_TAKE})",
                f"(move Step Diagonal {_TAKE})",
            )
        },
    ),
    Template(
        "Pincers",
        "custodial",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Claw" Each (move <move>
        (then (custodial (from (last To)) Orthogonal (between (max <reach>) if:(is Enemy (who at:(between)))
        (apply (remove (between)))) (to if:(is Friend (who at:(to))))))))})
        (rules (start {(place "Claw1" (sites Bottom)) (place "Claw2" (sites Top))}) (play (forEach Piece))
        (end {(if (<= (count Pieces Next) 1) (result Mover Win)) (if (no Moves Next) (result Mover Win))})))""",
        {
            "size": ("6", "5", "7"),
            "move": ("Slide Orthogonal", "Step Orthogonal (to if:(is Empty (to)))"),
            "reach": ("1", "3"),
        },
    ),
    Template(
        "Turncoats",
        "custodial",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Coat" Each)})
        (rules (play (or (move Add (to (sites Empty)) (then (custodial (from (last To)) <dir> (between (max <reach>)
        if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))) (to if:(is Friend (who at:(to)))))))
        (if (is Full) (move Pass)))) (end {(if (is Full) (byScore)) (if (>= (score Mover) <goal>) (result Mover Win))})))""",
        {"size": ("5", "6"), "dir": ("Orthogonal", "Adjacent"), "reach": ("1", "4"), "goal": ("5", "10")},
    ),
    Template(
        "Ice Floes",
        "blocking",
        f"""(game "NAME" (players 2) (equipment {{(board <board>) (piece "Seal" Each (move <move>)) (piece "Hole" Neutral)}})
        (rules (start {{(place "Seal1" <one>) (place "Seal2" <two>)}}) (play (forEach Piece)) {_BLOCKED}))""",
        {
            "board": ("(square 6)", "(square 7)"),
            "move": (
                'Step (to if:(is Empty (to))) (then (add (piece "Hole0") (to (last From))))',
                'Slide Orthogonal (then (add (piece "Hole0") (to (last From))))',
            ),
            "one": ('(sites {"A1"})', '(sites {"A1" "B1"})'),
            "two": ('(sites {"F6"})',),
        },
    ),
    Template(
        "Last Ditch",
        "blocking",
        f"""(game "NAME" (players 2) (equipment {{(board <board>) (piece "Spade" Each)}})
        (rules (play (move Add (to (sites Empty) if:(not (is In (to) (sites Around <taken> Orthogonal)))))) {_BLOCKED}))""",
        {
            "board": ("(square 5)", "(square 6)", "(rectangle 4 7)", "(hex 4)"),
            "taken": ("(sites Occupied by:Mover)", "(sites Occupied by:Next)", "(sites Occupied by:All)"),
        },
    ),
    Template(
        "Wolf and Flock",
        "hunt",
        """(game "NAME" (players {(player N) (player S)}) (equipment {(board (square <size>))
        (piece "Wolf" P1 (move Step <wolf> (to if:(is Empty (to))))) (piece "Sheep" P2 (move Step <sheep> (to if:(is Empty (to)))))})
        (rules (start {(place "Wolf1" (sites {"C1"})) (place "Sheep2" (sites Top))}) (play (forEach Piece))
        (end {(if (and (is Mover P1) (is In (last To) (sites Top))) (result P1 Win)) (if (and (is Mover P2) (no Moves Next)) (result P2 Win))
        (if (and (is Mover P1) (no Moves Next)) (result P1 Win)) (if (>= (count Moves) 32) (result P2 Win))})))""",
        {
            "size": ("5", "6", "8"),
            "wolf": ("Adjacent", "Orthogonal"),
            "sheep": ("Forwards", "(directions {Forward Leftward Rightward})"),
        },
    ),
    Template(
        "Hawk and Hens",
        "hunt",
        """(game "NAME" (players 2) (equipment {(board (rectangle <rows> 5 diagonals:Alternating) use:Vertex)
        (piece "Hawk" P1 (or (move Hop (between if:(is Enemy (who at:(between))) (apply (remove (between)))) (to if:(is Empty (to))))
        (move Step (to if:(is Empty (to)))))) (piece "Hen" P2 (move Step (to if:(is Empty (to)))))})
        (rules (start {(place "Hawk1" (sites Centre)) (place "Hen2" (expand (sites Bottom) steps:<depth>))}) (play (forEach Piece))
        (end {(if (<= (count Pieces P2) <left>) (result P1 Win)) (if (and (is Mover P2) (no Moves Next)) (result P2 Win))
        (if (>= (count Moves) 110) (result P2 Win))})))""",
        {"rows": ("5", "7"), "depth": ("1", "0"), "left": ("3", "2")},
    ),
    Template(
        "Land Claims",
        "territory",
        """(game "NAME" (players 2) (equipment {(board <board>) (piece "Stake" Each)})
        (rules (play (move Add (to (sites Empty)))) (end (if (is Full) (byScore {
        (score P1 (max (sizes Group <dir> P1))) (score P2 (max (sizes Group <dir> P2)))})))))""",
        {"board": ("(square 5)", "(hex 3)", "(rectangle 3 5)", "(square 7)"), "dir": ("Orthogonal", "Adjacent")},
    ),
    Template(
        "Moat",
        "territory",
        """(game "NAME" (players 2) (equipment {(board (square <size>)) (piece "Wall" Each)})
        (rules (meta (no Repeat)) (play (or (do (move Add (to (sites Empty)) (then (enclose (from (last To)) Orthogonal
        (between if:(is Enemy (who at:(between))) (apply (and (remove (between)) (addScore Mover 1)))))))
        ifAfterwards:(> (count Liberties Orthogonal) 0)) (move Pass)))
        (end (if (or (all Passed) (>= (score Mover) <goal>)) (byScore {(score P1 (+ (score P1) (size Territory P1)))
        (score P2 (+ (score P2) (size Territory P2)))})))))""",
        {"size": ("4", "5", "6"), "goal": ("5", "10")},
    ),
    Template(
        "River Race",
        "race",
        """(game "NAME" (players {(player N) (player S)}) (equipment {(board (rectangle <rows> <columns>))
        (piece "Man" Each (or (move Step <steps> (to if:(is Empty (to))))
        (move Hop <hops> (between if:(is Occupied (between))) (to if:(is Empty (to))))))})
        (rules (start {(place "Man1" (sites Bottom)) (place "Man2" (sites Top))}) (play (forEach Piece))
        (end {(if (is In (last To) (if (is Mover P1) (sites Top) (sites Bottom))) (result Mover Win))
        (if (no Moves Next) (result Mover Win))})))""",
        {
            "rows": ("7", "6", "9"),
            "columns": ("4", "5"),
            "steps": ("Forward", "Forwards"),
            "hops": ("Forwards", "Orthogonal"),
        },
    ),
    Template(
        "Seed Thieves",
        "mancala",
        """(game "NAME" (players 2) (equipment {(mancalaBoard 2 <holes> store:None (track "Track" "0,E,N,W" loop:True))
        (regions P1 (sites Bottom)) (regions P2 (sites Top)) (piece "Seed" Shared) (hand Each)})
        (rules (start (set Count <seeds> to:(sites Track)))
        (play (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow
        if:(and (is In (to) (sites Next)) <rule>)
        apply:(fromTo (from (to)) (to (handSite Mover)) count:(count at:(to))) includeSelf:False backtracking:<back>))))
        (end {(if (>= (count at:(handSite Mover)) (/ (* <seeds> <holes>) 1)) (result Mover Win)) (if (no Moves Next) (byScore {
        (score P1 (+ (count at:(handSite P1)) (count in:(sites P1)))) (score P2 (+ (count at:(handSite P2)) (count in:(sites P2))))}))})))""",
        {
            "holes": ("6", "4", "5"),
            "seeds": ("3", "4"),
            "rule": ("(or (= (count at:(to)) 2) (= (count at:(to)) 3))", "(is Even (count at:(to)))"),
            "back": ("True", "False"),
        },
    ),
)
