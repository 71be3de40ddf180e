# ruff: noqa: E501
"""Rules with blanks, and phrases that many rules share."""

import re
from dataclasses import dataclass, field

PHRASES: dict[str, str] = {
    "to-empty": "(to if:(is Empty (to)))",
    "to-enemy": "(to if:(is Enemy (who at:(to))) (apply (remove (to))))",
    "to-take": "(to if:(not (is Friend (who at:(to)))) (apply (if (is Enemy (who at:(to))) (remove (to)))))",
    "over-enemy": "(between if:(is Enemy (who at:(between))) (apply (remove (between))))",
    "over-friend": "(between if:(is Friend (who at:(between))))",
    "over-any": "(between if:(is Occupied (between)))",
    "to-friend": "(to if:(is Friend (who at:(to))))",
    "north-south": "(players {(player N) (player S)})",
    "far-row": "(if (is Mover P1) (sites Top) (sites Bottom))",
    "most-pieces": "(byScore {(score P1 (count Pieces P1)) (score P2 (count Pieces P2))})",
    "all-seeds": "(byScore {(score P1 (+ (count Cell at:(handSite P1)) (count in:(sites P1)))) (score P2 (+ (count Cell at:(handSite P2)) (count in:(sites P2))))})",
    "stuck-loses": "(if (no Moves Next) (result Mover Win))",
    "wiped-out-loses": "(if (no Pieces Next) (result Mover Win))",
}
"""`<name>` in a text -> what it stands for."""

_BLANK = re.compile(r"<([a-z][a-z-]*)>")


@dataclass(frozen=True, slots=True)
class Template:
    """Rules with blanks: NAME, `<phrase>`, and `<key>` for one of the values of a choice."""

    name: str
    family: str
    about: str
    """The rules in a sentence or two."""
    text: str
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Key -> its values; the first ones make the base game."""

    def fill(self, name: str, values: tuple[str, ...]) -> str:
        """Return the game's text on one line, with a name and a value for each choice.

        Raises:
            KeyError: for a blank that is neither a choice nor a phrase.
        """
        known = PHRASES | dict(zip(self.choices, values, strict=True))
        text = self.text.replace("NAME", name)
        while blanks := set(_BLANK.findall(text)):
            for blank in blanks:
                text = text.replace(f"<{blank}>", known[blank])
        return " ".join(text.split()).replace(" )", ")")
