"""SamplingRule: how a token is drawn and when a completion ends."""

from dataclasses import dataclass

from formalrl.errors import ConfigError


@dataclass(frozen=True)
class SamplingRule:
    """The distribution that completions are drawn from, and the ends of a completion.

    Filters apply in this order, each to what the one before left, renormalized: temperature and forbidden tokens,
    `top_k`, `top_p`, `min_p`. What they kept is recorded, so that scoring renormalizes over the same tokens.
    """

    max_completion_length: int
    """Tokens, the end token included; at least 1."""
    temperature: float = 1.0
    """Divides the logits. 0 takes the most probable token; its log-probabilities are then those at temperature 1."""
    top_k: int = 0
    """Keep the k most probable tokens; 0 keeps all."""
    top_p: float = 1.0
    """Keep the fewest most probable tokens whose probabilities sum to at least this, in (0, 1]; 1 keeps all."""
    min_p: float = 0.0
    """Keep tokens at least this share, in [0, 1), as probable as the most probable one; 0 keeps all."""
    eos_token_ids: tuple[int, ...] = ()
    """End tokens; the first one sampled ends the completion and counts as its last token."""
    pad_token_id: int = 0
    """Fills completions on the right; it never counts, and may be an end token as well."""
    forbidden_token_ids: tuple[int, ...] = ()
    """Tokens that are never sampled, such as padding rows of the embedding."""
    stop_strings: tuple[str, ...] = ()
    """Texts that end a completion once they occur in it; they change no log-probability."""

    @property
    def greedy(self) -> bool:
        """Whether the most probable token is taken instead of a random one."""
        return self.temperature == 0.0

    @property
    def filters(self) -> bool:
        """Whether a filter may leave less than all permitted tokens. Greedy decoding needs none."""
        return not self.greedy and (self.top_k > 0 or self.top_p < 1.0 or self.min_p > 0.0)

    @property
    def scoring_temperature(self) -> float:
        """The temperature of the log-probabilities: 1 where decoding is greedy."""
        return 1.0 if self.greedy else self.temperature

    def check(self, vocab_size: int | None = None) -> None:
        """Raise ConfigError for a value out of range; token ids are compared with `vocab_size` where it is known."""
        if self.max_completion_length < 1:
            raise ConfigError(
                f"max_completion_length is {self.max_completion_length!r}, but a completion has a token: set 1 or more."
            )
        if not 0.0 <= self.temperature < float("inf"):
            raise ConfigError(
                f"temperature is {self.temperature!r}, but logits are divided by it: set a finite number above 0, or 0 "
                "for the most probable token."
            )
        if self.top_k < 0:
            raise ConfigError(
                f"top_k is {self.top_k!r}, but it is a number of tokens: set 1 or more, or 0 to keep all."
            )
        if not 0.0 < self.top_p <= 1.0:
            raise ConfigError(f"top_p is {self.top_p!r}, but it is a total probability: set it in (0, 1].")
        if not 0.0 <= self.min_p < 1.0:
            raise ConfigError(
                f"min_p is {self.min_p!r}, but it is a share of the largest probability: set it in [0, 1)."
            )
        if "" in self.stop_strings:
            raise ConfigError("stop_strings holds an empty text, which would end every completion at once: remove it.")
        if vocab_size is not None:
            self._check_ids(vocab_size)

    def _check_ids(self, vocab_size: int) -> None:
        for name in ("eos_token_ids", "forbidden_token_ids"):
            outside = [token for token in getattr(self, name) if not 0 <= token < vocab_size]
            if outside:
                raise ConfigError(
                    f"{name} holds {outside[0]!r}, but the model has the tokens 0 to {vocab_size - 1}: correct it."
                )
        if len(set(self.forbidden_token_ids)) >= vocab_size:
            raise ConfigError(f"forbidden_token_ids holds all {vocab_size} tokens: leave at least one.")
