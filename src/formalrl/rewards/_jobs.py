"""What is left to score in one call of the pool, cut into pieces for workers. Plain bookkeeping, no processes."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from formalrl.errors import RewardError
from formalrl.rewards.call import MAX_CONCURRENT, fails_whole
from formalrl.rewards.signature import Signature
from formalrl.types import Score

Mode = Literal["each", "batch", "async"]

BATCH_ROWS = 64
"""Rows of one call of a batch reward, and as many more as complete the last prompt's group. The number of workers plays
no part, so that random numbers do not depend on it; a call that takes too long does."""
JOB_SECONDS = 0.02
"""Quick calls are sent in pieces that take about so long: the message costs little, no worker waits for another."""
MAX_ROWS = 256
"""Most rows of a piece."""
LOSSES = ("timeout", "crash", "memory")
"""Failures that cost time or a worker."""


@dataclass(frozen=True)
class Job:
    """Rows that go to one worker in one message."""

    mode: Mode
    """`each`: one call a row. `batch`: one call for all. `async`: concurrent calls."""
    function: int
    rows: tuple[int, ...]


@dataclass
class Pace:
    """How calls of one function go; kept from step to step."""

    seconds: float | None = None
    """That one call takes."""
    batch_rows: int = BATCH_ROWS
    """Rows of a call of the batch form; fewer after one took too long."""
    num_lost: int = 0
    """Calls that hung or ended their worker while none had given a score."""
    answered: bool = False
    """Whether any call has given a score."""

    def saw(self, seconds: float, num_rows: int) -> None:
        """Take the time of a piece of work into account."""
        latest = seconds / num_rows
        self.seconds = latest if self.seconds is None else 0.7 * self.seconds + 0.3 * latest

    def rows(self, waiting: int, num_workers: int) -> int:
        """Return how many of the waiting rows the next piece should have."""
        if self.seconds is None:
            return 1
        quick = int(JOB_SECONDS / max(self.seconds, 1e-9))
        return max(1, min(quick, MAX_ROWS, -(-waiting // (2 * num_workers))))


class Jobs:
    """The scores of one call of the pool as they come in, and what remains."""

    def __init__(
        self,
        functions: Sequence[Callable[..., Any]],
        paces: Sequence[Pace],
        wanted: Sequence[Sequence[int]],
        groups: Sequence[int],
    ) -> None:
        """Plan the calls of every function for the rows that are wanted of it (numbers within the call).

        `groups` has a number for every row of the call; rows of one prompt that follow each other share it.
        """
        self.scores: list[dict[int, Score]] = [{} for _ in functions]
        self._num_scores = sum(map(len, wanted))
        self._num_done = 0
        self._paces = paces
        self._whole: deque[Job] = deque()
        self._single: list[deque[int]] = [deque() for _ in functions]
        self._must_stay_whole = [fails_whole(function) for function in functions]
        for number, (function, rows) in enumerate(zip(functions, wanted, strict=True)):
            signature = Signature.of(function)
            if not signature.batch and not signature.is_async:
                self._single[number].extend(rows)
                continue
            size = paces[number].batch_rows if signature.batch else MAX_CONCURRENT
            if self._must_stay_whole[number]:
                size = max(1, len(rows))
            mode: Mode = "batch" if signature.batch else "async"
            keep = groups if signature.batch and size == BATCH_ROWS else range(len(groups))
            self._whole.extend(Job(mode, number, piece) for piece in _pieces(rows, size, keep))

    @property
    def finished(self) -> bool:
        """True when every row has a score from every function."""
        return self._num_done == self._num_scores

    def take(self, num_workers: int) -> Job | None:
        """Return the next piece of work, or None when all is given out."""
        if self._whole:
            return self._whole.popleft()
        for number, waiting in enumerate(self._single):
            if waiting:
                size = self._paces[number].rows(len(waiting), num_workers)
                return Job("each", number, tuple(waiting.popleft() for _ in range(min(size, len(waiting)))))
        return None

    def saw(self, job: Job, seconds: float) -> None:
        """Learn from a finished piece how long calls take."""
        if job.mode == "each":
            self._paces[job.function].saw(seconds, len(job.rows))

    def put(self, function: int, row: int, score: Score) -> None:
        """Keep the score of a row."""
        if row not in self.scores[function]:
            self._num_done += 1
        self.scores[function][row] = score
        pace = self._paces[function]
        pace.answered |= score.reward is not None
        pace.num_lost += score.error in LOSSES

    def check_hope(self, give_up_after: int) -> None:
        """Raise RewardError when so many calls of a reward were lost, and none has ever given a score."""
        for pace, scores in zip(self._paces, self.scores, strict=True):
            if not pace.answered and pace.num_lost >= give_up_after:
                last = next(score for score in reversed(scores.values()) if score.error in LOSSES)
                raise RewardError(
                    f"the first {pace.num_lost} calls of the reward all failed ({last.error}:"
                    f" {last.detail.strip().partition(chr(10))[0]}):"
                    " try it with `formalrl check-reward`, or raise its limits of time and memory."
                )

    def repeat(self, job: Job, rows: Iterable[int]) -> None:
        """Give out rows of a job again, each on its own."""
        self._single[job.function].extendleft(reversed(list(rows)))

    def fail(self, job: Job, left: Sequence[int], score: Score) -> None:
        """Book the failure of a worker on the row that caused it, and give out the others again.

        `left` are the rows without a score, in order. In a call for many rows any of them may be the cause: each is
        repeated on its own, unless the reward compares its rows; then all have failed.
        """
        if job.mode == "each" or len(job.rows) == 1:
            self.put(job.function, left[0], score)
            self.repeat(job, left[1:])
            return
        if job.mode == "batch" and score.error == "timeout":
            self._paces[job.function].batch_rows = max(1, min(len(job.rows), BATCH_ROWS) // 4)
        if self._must_stay_whole[job.function]:
            for row in left:
                self.put(job.function, row, score)
        else:
            self.repeat(job, left)


def _pieces(rows: Sequence[int], size: int, groups: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """Cut rows into pieces of `size`, or of a little more, so that no group lies in two."""
    piece: list[int] = []
    for row in rows:
        if len(piece) >= size and groups[row] != groups[piece[-1]]:
            yield tuple(piece)
            piece = []
        piece.append(row)
    if piece:
        yield tuple(piece)
