# ruff: noqa: E501
"""The language, declaratively: one line for each form of each ludeme. The checker, the documentation and the mutation
tests read this table; nothing else knows the syntax.

A line is `result (head Keyword... parameter...)`. A parameter is `type`, `label=type` (positional) or `label:type`
(named); a trailing `?` makes it optional, a trailing `+` accepts one or a list, `{type}` a list only; `a|b` is a choice.
Lower-case types are results of other lines or the atoms of `ATOMS`; capitalized ones are the sets of words of `WORDS`.
`point` is a list of numbers or of points, `walk` a list of turns.
"""

from dataclasses import dataclass

ATOMS = ("int", "real", "bool", "string")
"""Types whose literals are numbers, True/False and quoted strings."""

_COMPASS = "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW"
_PLANE = (
    f"All Adjacent Orthogonal Diagonal OffDiagonal Rotational In Out CW CCW {_COMPASS} U UN UNE UE USE US USW UW UNW"
)
_ABSOLUTE = _PLANE + " D DN DNE DE DSE DS DSW DW DNW"
_WAYS = "Forward Backward Leftward Rightward Forwards Backwards Leftwards Rightwards FL FR BL BR"
_RELATIVE = _WAYS + " SameDirection OppositeDirection"

WORDS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "Flag": "True False",
        "Role": "P1 P2 Mover Next Prev Neutral Each Shared All Enemy Friend NonMover Player",
        "Owner": "P1 P2 Neutral Each Shared",
        "Direction": f"{_ABSOLUTE} {_RELATIVE}",
        "Absolute": _ABSOLUTE,
        "Facing": _COMPASS,
        "SiteType": "Cell Vertex Edge",
        "Relation": "Orthogonal Diagonal OffDiagonal Adjacent All",
        "Result": "Win Loss Draw Tie",
        "Diagonals": "Alternating Solid SolidNoSplit Concentric Radiating",
        "Shape": "Square Diamond Rectangle Hexagon Triangle Prism Limping Star",
        "Ring": "Square Triangle Hexagon",
        "Store": "None Outer",
        "Walk": "F L R",
        "When": "EndOfTurn StartOfTurn",
        "Repetition": "Positional Situational PositionalInTurn SituationalInTurn",
        "PassEnd": "Draw NoEnd",
        "Around": "Own Enemy Empty NotEmpty",
        "Sight": "Empty Farthest Piece",
        "Container": "Board Hand",
        "Every": "All",
        "Landmark": "FirstSite LastSite",
    }.items()
}

TABLE = """
game (game name=string players equipment rules)
players (players int)
players (players player={seat})
seat (player Facing)
equipment (equipment {item})
rules (rules meta? start? play end)
rules (rules meta? start? phases:{phase} end?)

item (board graph tracks=track+? use:SiteType?)
item (mancalaBoard rows=int columns=int store:Store? tracks=track+?)
item (piece name=string owner=Owner? facing=Facing? moves? maxState:int?)
item (hand owner=Owner size:int?)
item (regions name=string? owner=Owner? sites=region+)
item (regions name=string? owner=Owner? ids={int})
item (map name=string? {pair})
pair (pair key=int value=int|string)
pair (pair key=string value=string|Role)
pair (pair key=Role value=int|string|Role|Landmark)
track (track name=string path=string|{int} loop:Flag? owner=Owner? directed:Flag?)

graph (square Shape? int diagonals:Diagonals?)
graph (rectangle rows=int columns=int? diagonals:Diagonals?)
graph (hex Shape? int second=int?)
graph (hex {int})
graph (tri Shape? int second=int?)
graph (wedge rows=int columns=int?)
graph (concentric Ring rings:int joinCorners:Flag? midpoints:Flag? joinMidpoints:Flag?)
graph (concentric sides:int rings:int joinCorners:Flag? midpoints:Flag? joinMidpoints:Flag?)
graph (concentric {int})
graph (graph vertices:{point} edges:{point}?)
graph (regular int)
graph (shift dx=real dy=real graph)
graph (scale sx=real sy=real? graph)
graph (rotate real graph)
graph (skew real graph)
graph (merge first=graph second=graph)
graph (merge {graph})
graph (union first=graph second=graph)
graph (union {graph})
graph (intersect first=graph second=graph)
graph (intersect {graph})
graph (add graph vertices:{point}? edges:{point}?)
graph (remove graph cells:{int}? edges:{point}? vertices:{int}? trimEdges:Flag?)
graph (dual graph)
graph (makeFaces graph)
graph (splitCrossings graph)
graph (complete graph)
graph (renumber SiteType? graph)
graph (trim graph)

meta (meta metarule+)
metarule (swap)
metarule (no Repeat Repetition?)
metarule (passEnd PassEnd)
start (start startrule+)
startrule (place piece=string container=string? SiteType? at=int count:int? state:int? value:int?)
startrule (place piece=string container=string count:int? state:int? value:int?)
startrule (place piece=string container=string? coord:string count:int? state:int? value:int?)
startrule (place piece=string SiteType? at=region|{string}|{int} state:int? value:int?)
startrule (set Count count=int to:region)
startrule (set Count count=int at:int)
startrule (set Score who=Role score=int)
startrule (set RememberValue name=string? value=int|region)
startrule (set Neutral SiteType? region)
startrule (set Shared SiteType? region)
startrule (forEach Site region startrule)
play (play moves)
phase (phase name=string owner=Role? play end? next=nextPhase+?)
nextPhase (nextPhase who=Role? condition=bool? name=string?)
end (end endrule+)
endrule (if condition=bool sub=endrule+? result=result|byscore?)
endrule (forEach Player if:bool result)
endrule (forEach NonMover if:bool result)
result (result who=Role outcome=Result)
byscore (byScore {finalscore}? misere:Flag?)
finalscore (score who=Role value=int)

bool (not bool)
bool (and first=bool second=bool)
bool (and {bool})
bool (or first=bool second=bool)
bool (or {bool})
bool (if condition=bool then=bool else=bool?)
bool (= first=int second=int|Role)
bool (= first=region second=region)
bool (!= first=int second=int|Role)
bool (!= first=region second=region)
bool (< first=int second=int)
bool (<= first=int second=int)
bool (> first=int second=int)
bool (>= first=int second=int)
bool (is Empty SiteType? int)
bool (is Occupied SiteType? int)
bool (is Mover who=int|Role)
bool (is Next who=int|Role)
bool (is Prev who=int|Role)
bool (is Enemy who=int|Role)
bool (is Friend who=int|Role)
bool (is Active who=int|Role)
bool (is In item=int? set=region|ints)
bool (is In items={int} set=region|ints)
bool (is Even int)
bool (is Odd int)
bool (is Full)
bool (is Cycle)
bool (is Pending)
bool (is Visited int)
bool (is Proposed string)
bool (is Decided string)
bool (is Triggered event=string who=int|Role)
bool (is Threatened what=int? at:int? in:region? moves?)
bool (is Within what=int at:int)
bool (is Within what=int in:region)
bool (is Related Relation SiteType? site=int to=int|region)
bool (is Pattern walk={Walk} whats:{int}? from:int? what:int?)
bool (is Loop)
bool (is Line SiteType? length=int Absolute? through:int? throughAny:region? who=Role? what:int? whats:{int}? exact:bool? contiguous:bool? if:bool?)
bool (is Connected number=int? SiteType? at:int? Absolute? sets={region})
bool (is Connected number=int? SiteType? at:int? Absolute? owner=Role)
bool (can Move moves)
bool (no Moves who=Role)
bool (no Pieces SiteType? who=Role? of:int? name=string? in:region?)
bool (all Sites region if:bool)
bool (all Passed)
bool (all Groups Direction? of:bool? if:bool)
bool (was Pass)

int (+ first=int second=int)
int (+ {int}|ints)
int (- int)
int (- first=int second=int)
int (* first=int second=int)
int (* {int})
int (/ first=int second=int)
int (% first=int second=int)
int (^ first=int second=int)
int (abs int)
int (max first=int second=int)
int (max ints)
int (min first=int second=int)
int (min ints)
int (if condition=bool then=int|Role else=int|Role)
int (from)
int (to)
int (between)
int (site)
int (value)
int (player)
int (mover)
int (next)
int (prev)
int (last From afterConsequence:Flag?)
int (last To afterConsequence:Flag?)
int (who SiteType? at:int)
int (what SiteType? at:int)
int (state SiteType? at:int)
int (count Cell at:int)
int (count Vertex at:int)
int (count SiteType? at:int)
int (count Cell in:region)
int (count SiteType? in:region)
int (count Pieces SiteType? who=Role? of:int? name=string? in:region? if:bool?)
int (count Sites in:region)
int (count Cells)
int (count Rows)
int (count Columns)
int (count Moves)
int (count MovesThisTurn)
int (count Turns)
int (count Players)
int (count Steps SiteType? Relation? first=int second=int|region)
int (count Groups SiteType? Direction? if:bool? min:int?)
int (count Liberties SiteType? at:int? Direction? if:bool?)
int (size Array ints)
int (size Group SiteType? at:int Direction? if:bool?)
int (size Territory SiteType? who=Role Direction?)
int (id name=string who=Role?)
int (id who=Role)
int (ahead SiteType? int steps:int? Direction|directions?)
int (coord string)
int (coord row:int column:int)
int (centrePoint SiteType?)
int (handSite who=int|Role number=int?)
int (column SiteType? of:int)
int (row SiteType? of:int)
int (where name=string who=Role)
int (mapEntry name=string? key=int|Role)
int (regionSite region index:int)
int (arrayValue ints index:int)
int (counter)
int (var name=string?)
int (score who=Role|player)
int (value Pending)
int (value Player who=Role|int)
int (value Piece SiteType? at:int)
int (trackSite Move from:int? who=Role? name=string? steps:int)
int (trackSite FirstSite who=Role? name=string? from:int? if:bool?)
int (trackSite LastSite who=Role? name=string?)

ints (values Remembered name=string?)
ints (sizes Group SiteType? Direction? who=Role? of:int? if:bool? min:int?)
ints (results from:region|int to:region|int value=int)
ints (array region)
ints (array {int})
ints (difference first=ints second=int|ints)
ints (union first=ints second=ints)
ints (if condition=bool then=ints else=ints)

region (sites Board SiteType?)
region (sites Empty SiteType?)
region (sites Mover name=string?)
region (sites Next name=string?)
region (sites Prev name=string?)
region (sites Player name=string?)
region (sites P1 name=string?)
region (sites P2 name=string?)
region (sites who=player|Role name=string?)
region (sites name=string)
region (sites {int})
region (sites {string})
region (sites ints)
region (sites Top SiteType?)
region (sites Bottom SiteType?)
region (sites Left SiteType?)
region (sites Right SiteType?)
region (sites Inner SiteType?)
region (sites Outer SiteType?)
region (sites Perimeter SiteType?)
region (sites Corners SiteType?)
region (sites Centre SiteType?)
region (sites Row int)
region (sites Column int)
region (sites Phase SiteType? int)
region (sites State int)
region (sites Side SiteType? direction=Facing)
region (sites Hand who=Role?)
region (sites Start what=piece)
region (sites Pending)
region (sites ToClear)
region (sites Occupied by:player|Role container:int|string? name=string? component:string? components:{string}? top:Flag? on:SiteType?)
region (sites Around SiteType? at=int|region Around? distance:int? Absolute? if:bool? includeSelf:Flag?)
region (sites Between directions? SiteType? from:int fromIncluded:bool? to:int toIncluded:bool? cond:bool?)
region (sites Direction from:int|region Direction|directions? included:bool? stop:bool? stopIncluded:bool? distance:int?)
region (sites Distance SiteType? Relation? from:int range)
region (sites LineOfSight Sight? at:int SiteType? Direction|directions?)
region (sites Group SiteType? at:int Direction|directions? if:bool?)
region (sites Group SiteType? from:region Direction|directions? if:bool?)
region (sites Incident result=SiteType of:SiteType at:int owner=Role?)
region (sites Track name=string? who=Role? from:int? to:int?)
region (sites From moves)
region (sites To moves)
region (sites origin=int? walks={walk})
region (sites)
region (union first=region second=region)
region (union {region})
region (intersection first=region second=region)
region (intersection {region})
region (difference first=region second=region|int)
region (expand container=Container? region steps:int? Direction|directions?)
region (expand origin:int steps:int? Direction|directions?)
region (forEach region if:bool)
region (forEach of:region region)
region (if condition=bool then=region else=region?)
range (range min=int max=int)
range (exact int)
range (max int)
range (min int)

directions (directions Direction)
directions (directions {Direction})
directions (directions Direction of:Relation)
directions (directions {Direction} of:Relation)
directions (directions SiteType from:int to:int)
directions (difference first=Direction|directions second=Direction|directions)
directions (union first=Direction|directions second=Direction|directions)
directions (if condition=bool then=Direction|directions else=Direction|directions)

from (from SiteType? region=region|int? level:int? if:bool?)
to (to SiteType? region=region|int? level:int? if:bool? apply?)
between (between before:int? range? after:int? if:bool? apply?)
apply (apply if:bool moves?)
apply (apply moves)
piece (piece name=string|int)
piece (piece {string})
player (player int)
then (then moves)

moves (or first=moves second=moves then?)
moves (or {moves} then?)
moves (and first=moves second=moves then?)
moves (and {moves} then?)
moves (if condition=bool then=moves else=moves? after=then?)
moves (priority first=moves second=moves then?)
moves (priority {moves} then?)
moves (max Moves withValue:bool? moves then?)
moves (max Captures withValue:bool? moves then?)
moves (do moves next:moves? ifAfterwards:bool? then?)
moves (append moves then?)
moves (forEach Piece on:SiteType? name=string? moves? who=Role|player? top:Flag? then?)
moves (forEach Site region moves noMoveYet:moves? then?)
moves (forEach Direction from? Direction|directions? between? to=to|moves then?)
moves (forEach Value ints moves then?)
moves (forEach Value min:int max:int moves then?)
moves (forEach Player moves then?)
moves (forEach Group Direction? if:bool? moves then?)
moves (move Add what=piece? to count:int? then?)
moves (move Step from? Direction|directions? to then?)
moves (move Hop from? Direction|directions? between? to then?)
moves (move Slide track=string? from? Direction|directions? between? to? then?)
moves (move Leap from? walks={walk} forward:bool? rotations:bool? to then?)
moves (move Remove SiteType? region=region|int level:int? at:When? count:int? then?)
moves (move Select from to? then?)
moves (move Pass then?)
moves (move Promote SiteType? site=int? what=piece who=Role? then?)
moves (move Propose string then?)
moves (move Vote string then?)
moves (move Shoot what=piece from? Absolute? between? to? then?)
moves (move Set NextPlayer who=player then?)
moves (move Claim what=piece? to then?)
moves (move from to count:int? copy:Flag? then?)

moves (add what=piece? to count:int? then?)
moves (step from? Direction|directions? to then?)
moves (hop from? Direction|directions? between? to then?)
moves (slide track=string? from? Direction|directions? between? to? then?)
moves (remove SiteType? region=region|int level:int? at:When? count:int? then?)
moves (select from to? then?)
moves (pass then?)
moves (promote SiteType? site=int? what=piece who=Role? then?)
moves (propose string then?)
moves (vote string then?)
moves (fromTo from to count:int? copy:Flag? then?)
moves (claim what=piece? to then?)
moves (sow SiteType? start=int? count:int? numPerHole:int? track=string? owner:int? if:bool? sowEffect:moves? apply:moves? includeSelf:Flag? origin:bool? skipIf:bool? backtracking:bool? forward:bool? then?)
moves (moveAgain then?)
moves (addScore who=Role|player score=int then?)
moves (addScore {Role} {int} then?)
moves (set Score who=Role|player score=int then?)
moves (set Count SiteType? at:int count=int then?)
moves (set State SiteType? at:int level:int? state=int then?)
moves (set Value SiteType? at:int level:int? value=int then?)
moves (set Value who=Role|player value=int then?)
moves (set Counter value=int? then?)
moves (set Var name=string? value=int then?)
moves (set Pending value=int|region? then?)
moves (set NextPlayer who=player then?)
moves (remember Value name=string? value=int|region unique:bool? then?)
moves (forget Value name=string? which=int|Every then?)
moves (trigger event=string who=int|Role then?)
moves (note message=string|int to:Role?)
moves (custodial from? Absolute? between? to? then?)
moves (surround from? Relation? between? to? except:int? with:piece? then?)
moves (enclose SiteType? from? Direction? between? numException:int? then?)
moves (intervene from? Absolute? between? to? then?)
moves (directional from? Absolute? between? to? then?)
moves (push from? Direction|directions then?)
"""

ALSO_KNOWN = """
absoluteDirection ageStone angle announce array attract automove avoidStoredState award baseline best bet board boardless boardSite
brick byLevel captures card celtic cellsPerRing claim clip cost count card deal deck dice die difference disc distance domino dominoes
effects face faces firstMoveOnTrack flip flips float forEach gravity hexagon hidden hint hints hole integer invisible is keep layer
layers level lt majority match matchScore maxDistance mean metadata mode morph noMoves pack payoff payoffs phase pips pin place
playCard poly pot put quadhex random rational recoordinate repeat resign roll rotation rotations round satisfy seq setHidden share
shoot simulate size spiral stack steps subdivide subgame subgames surakartaBoard swap take team teams tile tiling topLevel trickWon
trumpSuit values vertices visible vote walk was while who intersect state allCombinations flat step push deductionPuzzle hintSite
allDifferent amount average boundary cells concentricTarget count edge edges forget fromMidpoint hitCount largePiece tree treeCentre
"""
"""Heads of the full language that this engine knows of and does not play; they are gaps, not typing errors."""


KEYWORDS_ELSEWHERE = frozenset(
    [
        "Stack",
        "Different",
        "Crossing",
        "Sides",
        "SidesNoCorners",
        "Tree",
        "TreeCentre",
        "SpanningTree",
        "CaterpillarTree",
        "Path",
        "RegularGraph",
        "Cost",
        "Infinity",
        "Swap",
        "Groups",
        "Level",
        "Die",
        "Dice",
        "Deal",
        "Cards",
        "Target",
        "Solved",
        "Unique",
        "Repeat",
        "Flat",
        "Hidden",
        "Sum",
        "Anagram",
        "Visible",
        "Concave",
        "ConcaveCorners",
        "ConvexCorners",
        "Major",
        "Minor",
        "Hint",
        "Large",
        "Random",
        "Piece",
        "Triggered",
        "Rotation",
        "RotateState",
        "Team",
        "TeamMate",
        "Turn",
        "Trump",
        "Players",
        "Pieces",
        "Distance",
        "Tiling",
        "Hint",
        "Invisible",
        "Axials",
        "Angled",
        "Horizontal",
        "Vertical",
        "Slash",
        "Slosh",
        "LargePiece",
        "Equipment",
        "Variable",
        "P3",
        "P4",
        "P5",
        "P6",
        "P7",
        "P8",
        "All",
        "None",
        "Ally",
        "CentreSite",
        "T33434",
        "T3636",
        "T31212",
        "T333333_33434",
        "T4612",
        "T488",
        "T33336",
        "T33344",
        "T3464",
        "Brick",
        "Celtic",
        "Quadhex",
        "Spiral",
    ]
)
"""Words of the full language that this engine knows of and does not play."""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a form."""

    label: str
    types: tuple[str, ...]
    named: bool
    optional: bool
    single: bool
    """Accepts one value."""
    many: bool
    """Accepts a list of values."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a ludeme."""

    result: str
    head: str
    keywords: tuple[str, ...]
    params: tuple[Param, ...]
    line: str
    """The line of the table without its result, for messages and documentation."""

    @property
    def key(self) -> str:
        """Return head and keywords, e.g. `is Line`."""
        return " ".join((self.head, *self.keywords))


def _param(token: str) -> Param:
    optional = token.endswith("?")
    token = token.rstrip("?")
    many = token.endswith("+")
    token = token.rstrip("+")
    label, named = "", False
    if "=" in token:
        label, _, token = token.partition("=")
    elif ":" in token:
        label, _, token = token.partition(":")
        named = True
    lists = [t for t in token.split("|") if t.startswith("{")]
    types = tuple(t.strip("{}") for t in token.split("|"))
    if lists and len(lists) < len(types):
        types = tuple(token.split("|"))
        return Param(label or types[0].strip("{}"), types, named, optional, True, False)
    return Param(label or types[0], types, named, optional, not lists, bool(lists) or many)


def _form(line: str) -> Form:
    result, _, rest = line.partition(" ")
    head, *tokens = rest.strip("()").split(" ") if not rest.endswith("})") else rest[1:-1].split(" ")
    keywords: list[str] = []
    while tokens and tokens[0][0].isupper() and tokens[0].strip("?+") not in WORDS and "|" not in tokens[0]:
        keywords.append(tokens.pop(0))
    while tokens and _is_keyword(head, tokens[0]):
        keywords.append(tokens.pop(0))
    params = tuple(_param(t) for t in tokens if t)
    return Form(result, head, tuple(keywords), params, rest)


_KEYWORD_HEADS = {("sites", "Direction"), ("sites", "Around"), ("forEach", "Direction"), ("sites", "Hand")}


def _is_keyword(head: str, token: str) -> bool:
    return (head, token) in _KEYWORD_HEADS


def _load() -> tuple[Form, ...]:
    return tuple(_form(line.strip()) for line in TABLE.splitlines() if line.strip())


FORMS: tuple[Form, ...] = _load()
BY_HEAD: dict[str, tuple[Form, ...]] = {h: tuple(f for f in FORMS if f.head == h) for h in {f.head for f in FORMS}}
HEADS_ELSEWHERE: frozenset[str] = frozenset(ALSO_KNOWN.split()) - frozenset(BY_HEAD)
RESULTS: frozenset[str] = frozenset(f.result for f in FORMS)
