"""A claim's name to the claim."""

import inspect

from formalrl import plugins
from formalrl.claims.parts import SCALES, Claim
from formalrl.errors import ConfigError


def claim_names() -> list[str]:
    """Return the names of the paper's claims, as they are typed: `sentiment-kl`."""
    return [name.replace("_", "-") for name in plugins.names("claim")]


def load_claim(name: str) -> Claim:
    """Return a claim: a name, `pkg.mod:function` or `path/to/file.py[:function]`.

    Raises PartNotFoundError for an unknown name, ConfigError where something else than a claim is found.
    """
    found = plugins.find("claim", name if plugins.is_external(name) else name.replace("-", "_"))
    claim = found() if callable(found) and not inspect.signature(found).parameters else found
    if not isinstance(claim, Claim):
        raise ConfigError(f"{name} gave a {type(claim).__name__}: it must be a function that returns a Claim.")
    missing = [scale for scale in SCALES if scale not in claim.scales]
    if missing:
        raise ConfigError(f"the claim {name} has no scale {missing[0]!r}: give it one of each of {', '.join(SCALES)}.")
    return claim
