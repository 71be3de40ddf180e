"""ExplorationConfig: which tokens of an update get a policy gradient. Imports no torch."""

from dataclasses import dataclass

from formalrl.errors import ConfigError


@dataclass(frozen=True)
class ExplorationConfig:
    """Tokens left out of the policy loss, so that the policy stays undecided for longer; regularizers see all tokens.

    Both cuts are made over all tokens of an optimizer update. `docs/algorithms.md` has the formulas.
    """

    top_entropy: float = 1.0
    """Share of the tokens, those in the most uncertain states, that get a policy gradient, in (0, 1]; 1: all."""
    clip_cov: float = 0.0
    """Clip-Cov: share of the tokens left out, drawn among those of high covariance, in [0, 1); 0: none."""
    clip_cov_low: float = 1.0
    """Covariance of log-probability and advantage above which a token may be left out."""
    clip_cov_high: float = 5.0
    """... and below which, above `clip_cov_low`."""

    def check(self) -> None:
        """Raise ConfigError for values that cannot work."""
        if not 0 < self.top_entropy <= 1:
            raise ConfigError(
                f"exploration.top_entropy is {self.top_entropy!r}, but it is the share of tokens that are learned from:"
                " set it within (0, 1]."
            )
        if not 0 <= self.clip_cov < 1:
            raise ConfigError(
                f"exploration.clip_cov is {self.clip_cov!r}, but it is the share of tokens left out: set it within"
                " [0, 1)."
            )
        if not self.clip_cov_low < self.clip_cov_high:
            raise ConfigError(
                f"exploration.clip_cov_low is {self.clip_cov_low!r} and clip_cov_high {self.clip_cov_high!r}, but"
                " tokens between them are left out: set clip_cov_low below clip_cov_high."
            )

    @property
    def enabled(self) -> bool:
        """True where some tokens get no policy gradient."""
        return self.top_entropy < 1 or self.clip_cov > 0
