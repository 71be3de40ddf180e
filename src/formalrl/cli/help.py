"""The text of `--help`: usage, options by section with type, meaning and default, examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from formalrl.cli.options import Option


@dataclass(frozen=True)
class Command:
    """One command, as its help shows it."""

    name: str
    usage: str
    """What follows the name: `TASK [OPTIONS]`."""
    summary: str
    """What it does, in a sentence."""
    examples: tuple[str, ...] = ()
    notes: str = ""
    """What else there is to know, before the options."""


def show_help(console: Console, command: Command, options: Sequence[Option]) -> None:
    """Print the help of a command."""
    console.print(f"usage: formalrl {command.name} {command.usage}", markup=False, highlight=False)
    console.print()
    console.print(Text(command.summary))
    if command.notes:
        console.print()
        console.print(Text(command.notes))
    for section in dict.fromkeys(option.section for option in options):
        console.print()
        console.print(Text(section or "options", style="bold"))
        for option in (option for option in options if option.section == section):
            _show_option(console, option)
    if command.examples:
        console.print()
        console.print(Text("examples", style="bold"))
        for line in command.examples:
            console.print(Text(f"  formalrl {line}"))


def _show_option(console: Console, option: Option) -> None:
    flag = Text("  ")
    opposite = f"--no-{option.flag[2:]}"
    flag.append(opposite if option.default is True else option.flag, style="cyan")
    if option.is_switch and option.default is None:
        flag.append(f" / {opposite}", style="cyan")
    elif option.value_name:
        flag.append(f" {option.value_name}", style="dim")
    meaning = Text(option.help)
    default = _shown(option.default)
    if default is not None:
        meaning.append(f"{' ' if option.help else ''}[{default}]", style="dim")
    if len(flag) <= 30:
        table = Table.grid(padding=0)
        table.add_column(width=32)
        table.add_column(ratio=1)
        table.expand = True
        table.add_row(flag, meaning)
        console.print(table)
        return
    console.print(flag, soft_wrap=True)
    console.print(Padding(meaning, (0, 0, 0, 32)))


def _shown(default: Any) -> str | None:
    """The default as one would type it; None where there is nothing to say."""
    if default is None or default == "" or default == () or default == {}:
        return None
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, (tuple, list)):
        return " ".join(map(str, default))
    if isinstance(default, float):
        return f"{default:g}"
    return str(default) if isinstance(default, (int, str)) else None
