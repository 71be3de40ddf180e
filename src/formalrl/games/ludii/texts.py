"""Texts on their way to Ludii and its complaints on their way back, as diagnostics with places."""

import html
import re
from collections.abc import Sequence

from formalrl.games.engine import Diagnostic, DiagnosticKind, Limits

LIVE = re.compile(r"\(\s*(?P<word>match|define|option|ruleset|rulesets|metadata)(?![A-Za-z0-9])|(?P<mark>[\[\]<>])")
COMPARISON = re.compile(r"\((?:<=?|>=?)(?=\s)")
"""The ludemes that are spelled with an angle bracket."""
TOKEN = re.compile(r'"[^"]*"|[(){}]|[^\s(){}"]+')
SURROGATE = re.compile("[\ud800-\udfff]")
LONGEST_MESSAGE = 300
MOST_DIAGNOSTICS = 10

KINDS: tuple[tuple[str, DiagnosticKind], ...] = (
    (r"StackOverflow|Stack overflow|OutOfMemory|recursive|more than|exceeded", "limit"),
    (r"Couldn't find (token|ludeme)|Could not match string", "unknown"),
    (r"Unexpected syntax", "argument"),
    (r"close|closing|Missing an? |Missing \d|Mismatched|bracket|quote|tokenise|[Ee]mpty|decompose|expand", "syntax"),
)
"""What Ludii's messages say -> the kind of the diagnostic; the first that fits. Everything else is `semantic`."""
VAGUE = ("Expander can't tokenise", "Warning:", "Note:")
"""Beginnings of messages that add nothing to others."""


def crossing(text: str) -> str:
    """Return a text as it can go to Java and back, as long as before.

    NUL, surrogates and what is beyond the basic plane become U+FFFD: JPype cannot read how Java writes them.
    """
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" or c > "\uffff" else c for c in text)


def refusals(text: str, limits: Limits, live: bool = True) -> tuple[Diagnostic, ...]:
    """Return why a text must not reach Ludii: sizes over the limits, or (where `live`) syntax that it carries out.

    Ludii expands options, rule sets, defines and choices in brackets before it parses. In a text that a model wrote
    that is a door to endless expansion and to descriptions that are not what they seem.
    """
    if len(text) > limits.max_chars:
        said = f"{len(text)} characters, but at most {limits.max_chars} are read"
        return (Diagnostic("limit", said, limits.max_chars, len(text)),)
    if match := SURROGATE.search(text):
        return (Diagnostic("syntax", "this is no character", match.start(), match.end()),)
    found = _sizes(text, limits)
    if found is not None:
        return (found,)
    return _live(text) if live else ()


def _live(text: str) -> tuple[Diagnostic, ...]:
    allowed = {match.start() + 1 for match in COMPARISON.finditer(text)}
    out: list[Diagnostic] = []
    for match in LIVE.finditer(text):
        if match.start() in allowed:
            continue
        what = f"'({match['word']}'" if match["word"] else repr(match["mark"])
        said = (
            f"{what} is expanded before the game is read, which only the games of Ludii's own files need: give one "
            "expanded game, or --full-language for a file of yours"
        )
        out.append(Diagnostic("syntax", said, match.start(), match.end()))
        if len(out) == MOST_DIAGNOSTICS:
            break
    return tuple(out)


def _sizes(text: str, limits: Limits) -> Diagnostic | None:
    depth = 0
    for number, match in enumerate(TOKEN.finditer(text)):
        if number >= limits.max_nodes:
            return Diagnostic("limit", f"more than {limits.max_nodes} expressions", match.start(), match.end())
        token = match.group()
        if token in "({":
            depth += 1
            if depth > limits.max_depth:
                said = f"brackets are nested deeper than {limits.max_depth}"
                return Diagnostic("limit", said, match.start(), match.end())
        elif token in ")}":
            depth -= 1
    return None


def complaints(messages: Sequence[str], text: str) -> tuple[Diagnostic, ...]:
    """Return what Ludii said as diagnostics; never empty. Places are found by the words that it quotes."""
    cleaned = list(dict.fromkeys(said for message in messages for said in _lines(message)))
    sharp = [said for said in cleaned if not said.startswith(VAGUE)] or cleaned[:1]
    out: list[Diagnostic] = []
    for said in sharp[:MOST_DIAGNOSTICS] or ["Ludii does not accept this and does not say why"]:
        start, end = _place(said, text)
        out.append(Diagnostic(_kind(said), said, start, end))
    return tuple(out)


def _lines(message: str) -> list[str]:
    plain = html.unescape(re.sub(r"<(?!=?\s)[^<>]*>", " ", message)).replace("\xa0", " ")
    plain = re.sub(r"^(?:[a-z]+\.)+[A-Za-z]*(?:Exception|Error): ", "", plain)
    return [" ".join(line.split())[:LONGEST_MESSAGE] for line in plain.splitlines() if line.strip()]


def _kind(said: str) -> DiagnosticKind:
    for pattern, kind in KINDS:
        if re.search(pattern, said):
            return kind
    return "semantic"


def _place(said: str, text: str) -> tuple[int, int]:
    """Return where the first quotation of a message stands in the text; all of the text when it does not."""
    quoted = re.search(r"(?<![A-Za-z])'(.+?)'(?=[\s.,]|$)", said)
    if quoted is not None:
        head, *clipped = quoted.group(1).split("...")
        words = [re.escape(word) for word in TOKEN.findall(head)]
        if words:
            first = r"(?<![\w])" if re.match(r"\w", words[0]) else ""
            last = r"(?![\w])" if re.search(r"\w$", words[-1]) and not clipped else ""
            match = re.search(first + r"\s*".join(words) + last, text)
            if match is not None:
                return match.start(), match.end()
    return 0, len(text)
