"""The list of library games: every template with its first values, and every template with all of its values."""

from dataclasses import dataclass
from itertools import product

from . import blocking, connection, custodial, hunt, leap, line, mancala, race, replacement, territory
from .template import Template

TEMPLATES: tuple[Template, ...] = (
    *line.TEMPLATES,
    *connection.TEMPLATES,
    *leap.TEMPLATES,
    *replacement.TEMPLATES,
    *custodial.TEMPLATES,
    *blocking.TEMPLATES,
    *hunt.TEMPLATES,
    *territory.TEMPLATES,
    *race.TEMPLATES,
    *mancala.TEMPLATES,
)
FAMILIES: tuple[str, ...] = tuple(sorted({t.family for t in TEMPLATES}))


@dataclass(frozen=True, slots=True)
class LibraryGame:
    """A game of the library."""

    name: str
    family: str
    template: str
    text: str
    about: str = ""


def variants(template: Template) -> list[LibraryGame]:
    """Return a template's game for every combination of its choices; the first one is the game itself."""
    out: list[LibraryGame] = []
    for number, values in enumerate(product(*template.choices.values())):
        name = template.name if number == 0 else f"{template.name} {number + 1}"
        out.append(LibraryGame(name, template.family, template.name, template.fill(name, values), template.about))
    return out


def games(all_variants: bool = False) -> dict[str, LibraryGame]:
    """Return name -> game: the base games (at most one choice differs from its first value), or every combination."""
    out: dict[str, LibraryGame] = {}
    for template in TEMPLATES:
        widths = [len(v) for v in template.choices.values()]
        found = enumerate(variants(template))
        out.update((g.name, g) for k, g in found if all_variants or _is_base(k, widths))
    return out


def _is_base(number: int, widths: list[int]) -> bool:
    """Return whether at most one choice of a combination differs from its first value."""
    changed = 0
    for width in reversed(widths):
        number, digit = divmod(number, width)
        changed += digit > 0
    return changed <= 1


def listing() -> str:
    """Return the library as a table in Markdown, one row for each template: what docs/games.md shows."""
    rows = [f"| {t.family} | {t.name} | {len(variants(t))} | {t.about} |" for t in TEMPLATES]
    return "\n".join(["| family | game | variants | rules |", "|---|---|---|---|", *rows])
