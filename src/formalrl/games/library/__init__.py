"""Games of our own in the language of the embedded engine: rules by family, with systematic variants."""

from .catalog import FAMILIES, LibraryGame, games, variants

__all__ = ["FAMILIES", "LibraryGame", "games", "variants"]
