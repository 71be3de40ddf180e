"""Text that a model wrote, numbers and settings, made fit to be seen by people."""

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 600


def show_text(value: Any, limit: int = MAX_CHARACTERS) -> str:
    """Return text with its invisible characters visible, cut at `limit` with a mark that says how much is missing.

    Control characters become control pictures, those that could reorder or hide the page's own text become `<U+202E>`;
    line breaks and tabs stay. Chat messages become `role: content` lines. HTML is not escaped here: templates do that.
    """
    text = value if isinstance(value, str) else _from_messages(value)
    cut, missing = text[:limit], len(text) - limit
    shown = "".join(map(_visible, cut))
    return f"{shown} [... {missing:,} more characters]" if missing > 0 else shown


def _from_messages(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(m, Mapping) and "content" in m for m in value):
        return "\n".join(f"{m.get('role', '?')}: {m['content']}" for m in value)
    return json.dumps(value, ensure_ascii=False, default=repr)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and character != "\u200d":
        return f"<U+{code:04X}>"
    return character


def show_number(value: Any) -> str:
    """Return a number with four significant digits, integers in full, "-" for nothing or NaN, other values as text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return show_text(value, 120)
    if isinstance(value, int) or (abs(value) < 1e15 and value == int(value)):
        return f"{int(value):,}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def show_percent(value: Any) -> str:
    """Return `99.5 %`, "-" for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "-"
    shown = f"{100 * value:.1f}".removesuffix(".0")
    if (shown == "100" and value < 1) or (shown == "0" and value > 0):
        return f"{100 * value:.2g} %" if value < 0.5 else "> 99.9 %"
    return f"{shown} %"


def show_setting(value: Any) -> str:
    """Return a setting as it stands in YAML, in one line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return show_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr), 200)


def show_seconds(value: float) -> str:
    """Return a duration in the largest two units: `1 h 5 min`, `2 min 3 s`, `4.2 s`, `30 ms`."""
    if value < 1:
        return f"{1000 * value:.3g} ms"
    if value < 60:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
