"""What a game is played with: the board, the pieces, the hands, named regions, maps and tracks."""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import pairwise

from ..engine import Limits
from . import shapes
from .boardmaker import BoardMaker
from .boards import argument, listed, need, number, refuse, word
from .checker import Term
from .directions import COMPASS
from .graph import Graph
from .measure import Measure
from .topology import Topology

PLAYERS = 2
OWNERS = {"Neutral": 0, "P1": 1, "P2": 2, "Shared": PLAYERS + 1}


@dataclass(frozen=True, slots=True)
class Component:
    """A kind of piece of one owner."""

    base: str
    """The name without its owner's number."""
    owner: int
    facing: str
    moves: Term | None

    @property
    def name(self) -> str:
        """Return the name with the owner's number; shared pieces have none."""
        return self.base if self.owner == PLAYERS + 1 else f"{self.base}{self.owner}"


@dataclass(frozen=True, slots=True)
class Track:
    """A path of sites that pieces or seeds follow."""

    name: str
    owner: int
    sites: tuple[int, ...]
    loop: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A named or owned set of sites; owners 1 and 2, 0 for nobody's."""

    name: str
    owners: tuple[int, ...]
    terms: tuple[Term, ...]
    sites: tuple[int, ...]


@dataclass
class Equipment:
    """Everything of a game that does not change in play."""

    topology: Topology
    measure: Measure
    facings: tuple[str, str, str]
    components: list[Component] = field(default_factory=lambda: [Component("", 0, "N", None)])
    hands: dict[int, range] = field(default_factory=dict[int, range])
    regions: list[Region] = field(default_factory=list[Region])
    maps: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    map_names: list[str] = field(default_factory=list[str])
    tracks: list[Track] = field(default_factory=list[Track])
    size: int = 0
    """Sites of the board and the hands together."""
    board_text: str = ""

    def find(self, name: str) -> int:
        """Return the number of the component with a full name; 0 when there is none."""
        for number_, component in enumerate(self.components):
            if number_ and component.name == name:
                return number_
        return 0

    def of_base(self, base: str) -> list[int]:
        """Return the components with a name, whoever owns them."""
        return [n for n, c in enumerate(self.components) if n and c.base == base]

    def coordinate(self, label: str) -> int | None:
        """Return the site with a coordinate."""
        return self.measure.labels.get(label)


_BOARDS: "OrderedDict[tuple[str, bool, int], tuple[Topology, Measure]]" = OrderedDict()
_MOST_BOARDS = 32


def _board(text: str, make: "Graph | None", cells: bool, limits: Limits, term: Term) -> tuple[Topology, Measure]:
    """Return a board, kept from earlier games where the description is the same."""
    key = (text, cells, limits.max_sites)
    found = _BOARDS.get(key)
    if found is None:
        graph = make if make is not None else BoardMaker(cells, limits).make(term)
        topology = Topology(graph, "Cell" if cells else "Vertex")
        if cells and graph.faces is None:
            raise refuse(term, "this board has no cells; add use:Vertex")
        if not topology.size:
            raise refuse(term, "the board has no sites")
        if topology.size > limits.max_sites:
            raise refuse(term, f"a board of {topology.size} sites, but at most {limits.max_sites} are played", "limit")
        found = _BOARDS[key] = topology, Measure(topology)
        while len(_BOARDS) > _MOST_BOARDS:
            _BOARDS.popitem(last=False)
    _BOARDS.move_to_end(key)
    return found


def equip(game: Term, text: str, limits: Limits) -> Equipment:
    """Return the equipment of a checked game.

    Raises:
        boards.Refusal: when it cannot be played.
    """
    items = listed(need(game, "equipment"), "item")
    boards = [i for i in items if i.key in ("board", "mancalaBoard")]
    if len(boards) != 1:
        raise refuse(need(game, "equipment"), f"a game has one board, not {len(boards)}")
    facings = _facings(need(game, "players"))
    topology, measure = _make_board(boards[0], text, limits)
    out = Equipment(topology, measure, facings, size=topology.size)
    for item in items:
        if item.key == "piece":
            _add_piece(out, item)
    for item in items:
        if item.key == "hand":
            _add_hand(out, item, limits)
    for track in listed(boards[0], "tracks"):
        out.tracks.append(_track(out, track))
    if boards[0].key == "board":
        _refuse_site_type(boards[0])
    return out


def _refuse_site_type(board: Term) -> None:
    if word(board, "use") == "Edge":
        raise refuse(board, "boards played on edges are not played by this engine", "unsupported")


def _facings(players: Term) -> tuple[str, str, str]:
    each = listed(players, "player")
    count = len(each) if each else int(number(need(players, "int"))) if "int" in players.args else 0
    if count != PLAYERS:
        raise refuse(players, f"games of {count} players are not played by this engine, only of two", "unsupported")
    given = [word(p, "Facing") for p in each] if each else ["", ""]
    return "N", given[0] or "N", given[1] or "N"


def _make_board(board: Term, text: str, limits: Limits) -> tuple[Topology, Measure]:
    if board.key == "mancalaBoard":
        rows, columns = int(number(need(board, "rows"))), int(number(need(board, "columns")))
        if not 2 <= rows <= 6 or not 1 <= columns <= 50:
            raise refuse(board, "a mancala board has 2 to 6 rows of 1 to 50 holes", "semantic")
        stores = word(board, "store", "Outer") != "None"
        graph = shapes.mancala(rows, columns, stores)
        return _board(f"mancala {rows} {columns} {stores}", graph, False, limits, board)
    use = word(board, "use", "Cell")
    term = need(board, "graph")
    return _board(text[term.node.start : term.node.end], None, use == "Cell", limits, term)


def _owners(item: Term) -> list[int]:
    owner = word(item, "owner", "Each" if item.key == "piece" else "Neutral")
    return [1, 2] if owner == "Each" else [OWNERS[owner]]


def _add_piece(out: Equipment, item: Term) -> None:
    if "maxState" in item.args:
        raise refuse(item, "maxState: is not played by this engine", "unsupported")
    for owner in _owners(item):
        facing = word(item, "facing") or (out.facings[owner] if owner <= PLAYERS else "N")
        component = Component(word(item, "name"), owner, facing, argument(item, "moves"))
        if out.find(component.name):
            raise refuse(item, f"there is a piece {component.name!r} already")
        out.components.append(component)


def _add_hand(out: Equipment, item: Term, limits: Limits) -> None:
    size = int(number(need(item, "size"))) if "size" in item.args else 1
    if not 1 <= size <= 100 or out.size + 2 * size > 2 * limits.max_sites:
        raise refuse(item, "a hand has 1 to 100 sites", "limit")
    for owner in _owners(item):
        if owner in out.hands:
            raise refuse(item, f"player {owner} has a hand already")
        out.hands[owner] = range(out.size, out.size + size)
        out.size += size


def _track(out: Equipment, term: Term) -> Track:
    path = term.args["path"]
    if isinstance(path, tuple):
        sites = [int(number(t)) for t in path if isinstance(t, Term)]
    else:
        sites = _walk_track(out.topology, term, str(path.literal))
    if len(sites) < 2 or any(not 0 <= s < out.size for s in sites):
        raise refuse(term, "a track is a way over two sites of the board or more")
    if any(a == b for a, b in pairwise(sites)):
        raise refuse(term, "tracks that stay on a site are not played by this engine", "unsupported")
    if word(term, "directed") == "True":
        raise refuse(term, "directed tracks are not played by this engine", "unsupported")
    owner = OWNERS.get(word(term, "owner", "Neutral"), 0)
    return Track(word(term, "name"), owner, tuple(sites), word(term, "loop") == "True")


def _walk_track(topology: Topology, term: Term, path: str) -> list[int]:
    sites: list[int] = []
    for step in path.split(","):
        name = step.rstrip("0123456789")
        digits = step[len(name) :]
        if not name and digits and int(digits[:6]) < topology.size:
            sites.append(int(digits[:6]))
            continue
        if name not in COMPASS or not sites or sites[-1] >= topology.size:
            raise refuse(term, f"{step!r} is no step of a track: a site, or a compass direction and a number of steps")
        for ray in topology.rays(name)[sites[-1]]:
            sites += ray[: int(digits[:6])] if digits else ray
    return sites
