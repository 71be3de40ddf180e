"""The list of library games: every template with its first values, and every template with all of its values."""

from dataclasses import dataclass
from itertools import product

from .rules import TEMPLATES, Template

FAMILIES: tuple[str, ...] = tuple(sorted({t.family for t in TEMPLATES}))


@dataclass(frozen=True, slots=True)
class LibraryGame:
    """A game of the library."""

    name: str
    family: str
    template: str
    text: str


def _fill(template: Template, values: tuple[str, ...], number: int) -> LibraryGame:
    name = template.name if number == 0 else f"{template.name} {number + 1}"
    text = template.text.replace("NAME", name)
    for key, value in zip(template.choices, values, strict=True):
        text = text.replace(f"<{key}>", value)
    return LibraryGame(name, template.family, template.name, " ".join(text.split()))


def variants(template: Template) -> list[LibraryGame]:
    """Return a template's game for every combination of its choices."""
    return [_fill(template, values, k) for k, values in enumerate(product(*template.choices.values()))]


def games(all_variants: bool = False) -> dict[str, LibraryGame]:
    """Return name -> game: the base games (each value of each choice once), or every combination."""
    out: dict[str, LibraryGame] = {}
    for template in TEMPLATES:
        found = variants(template)
        if not all_variants:
            widths = [len(v) for v in template.choices.values()]
            found = [g for k, g in enumerate(found) if _is_base(k, widths)]
        out.update((g.name, g) for g in found)
    return out


def _is_base(number: int, widths: list[int]) -> bool:
    """Return whether at most one choice of a combination differs from its first value."""
    changed = 0
    for width in reversed(widths):
        number, digit = divmod(number, width)
        changed += digit > 0
    return changed <= 1
