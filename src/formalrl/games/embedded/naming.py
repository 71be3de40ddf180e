"""What the rules name of the board: regions, and maps from one thing to another."""

from .boards import listed, need, number, refuse, word
from .checker import Term
from .equipment import OWNERS, Equipment, Region


def add_named(equipment: Equipment, term: Term) -> None:
    """Add the regions and the maps that a game names to its equipment."""
    _add_regions(equipment, term)
    _add_maps(equipment, term)


def _add_regions(equipment: Equipment, term: Term) -> None:
    for item in listed(need(term, "equipment"), "item"):
        if item.key != "regions":
            continue
        owner = word(item, "owner")
        owners = (1, 2) if owner == "Each" else (OWNERS[owner],) if owner else ()
        ids = tuple(int(number(t)) for t in listed(item, "ids"))
        if any(not 0 <= s < equipment.size for s in ids):
            raise refuse(item, "a region is made of sites of the board")
        name = word(item, "name") if "name" in item.args else ""
        equipment.regions.append(Region(name, owners, tuple(listed(item, "sites")), ids))


def _add_maps(equipment: Equipment, term: Term) -> None:
    for item in listed(need(term, "equipment"), "item"):
        if item.key == "map":
            name = word(item, "name") if "name" in item.args else f"\0{len(equipment.maps)}"
            entries = {
                _map_value(equipment, need(p, "key")): _map_value(equipment, need(p, "value"))
                for p in listed(item, "pair")
            }
            equipment.maps[name] = entries
            equipment.map_names.append(name)


def _map_value(equipment: Equipment, term: Term) -> int:
    if term.type == "Role":
        return OWNERS.get(str(term.literal), 0)
    if term.type == "Landmark":
        return {"FirstSite": 0, "LastSite": equipment.topology.size - 1}[str(term.literal)]
    if term.type == "string":
        site = equipment.coordinate(str(term.literal))
        found = equipment.find(str(term.literal)) if site is None else site
        if site is None and not found:
            raise refuse(term, f"there is no site {term.literal}")
        return found
    return int(number(term))
