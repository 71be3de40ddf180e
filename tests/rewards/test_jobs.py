import pytest

from formalrl.errors import RewardError
from formalrl.rewards._jobs import BATCH_ROWS, Job, Jobs, Pace
from formalrl.types import Score

FAILED = Score(None, "crash")


def single(prompt, completion): ...
def batch(prompts, completions): ...
async def later(prompt, completion): ...


def jobs_of(function, n, seconds=None):
    return Jobs([function], [Pace(seconds)], [list(range(n))], range(n))


def drain(jobs, num_workers=2):
    taken = []
    while (job := jobs.take(num_workers)) is not None:
        taken.append(job)
    return taken


def test_every_row_is_given_out_once_in_pieces_that_suit_the_pace():
    for function, seconds in [(single, None), (single, 1.0), (single, 1e-6), (batch, None), (later, None)]:
        taken = drain(jobs_of(function, 500, seconds))
        assert [row for job in taken for row in job.rows] == list(range(500))
    assert {len(job.rows) for job in drain(jobs_of(single, 500, 1.0))} == {1}
    sizes = [len(job.rows) for job in drain(jobs_of(single, 500, 1e-6))]
    assert sizes[0] == 125 and sizes[-1] == 1
    assert [len(job.rows) for job in drain(jobs_of(batch, 100))] == [BATCH_ROWS, 100 - BATCH_ROWS]


def test_a_reward_that_compares_rows_gets_all_of_them_at_once():
    def compare(prompts, completions): ...

    compare.batch_dependent = True
    jobs = jobs_of(compare, 500)
    (job,) = drain(jobs)
    jobs.fail(job, job.rows, FAILED)
    assert jobs.finished and list(jobs.scores[0].values()) == [FAILED] * 500


def test_the_first_row_without_a_score_is_at_fault_and_the_others_come_again():
    jobs = jobs_of(single, 8, 0.001)
    job = jobs.take(1)
    assert job == Job("each", 0, (0, 1, 2, 3))
    jobs.put(0, 0, Score(1.0))
    jobs.fail(job, [1, 2, 3], FAILED)
    assert jobs.scores[0] == {0: Score(1.0), 1: FAILED}
    assert [row for piece in drain(jobs, 1) for row in piece.rows] == [2, 3, 4, 5, 6, 7]


def test_rows_of_a_failed_batch_come_again_one_by_one():
    jobs = jobs_of(batch, 3)
    job = jobs.take(1)
    jobs.fail(job, job.rows, FAILED)
    assert not jobs.scores[0]
    assert [piece.rows for piece in drain(jobs, 1)] == [(0,), (1,), (2,)]
    jobs.fail(Job("each", 0, (1,)), [1], FAILED)
    assert jobs.scores[0] == {1: FAILED}


def test_the_pace_follows_the_calls():
    pace = Pace()
    assert pace.rows(100, 2) == 1
    pace.saw(1.0, 10)
    assert pace.seconds == 0.1 and pace.rows(100, 2) == 1
    for _ in range(50):
        pace.saw(1e-5, 10)
    assert pace.rows(100, 2) == 25


def test_a_batch_call_has_whole_groups_and_fewer_rows_after_one_took_too_long():
    pace, groups = Pace(), [row // 48 for row in range(200)]
    jobs = Jobs([batch], [pace], [list(range(200))], groups)
    taken = drain(jobs)
    assert [len(job.rows) for job in taken] == [96, 96, 8]
    jobs.fail(taken[0], taken[0].rows, Score(None, "timeout"))
    assert pace.batch_rows == 16 and not jobs.scores[0]
    assert {len(job.rows) for job in drain(Jobs([batch], [pace], [list(range(160))], groups))} == {16}


def test_there_is_hope_while_calls_end_or_once_one_gave_a_score():
    lost = Score(None, "timeout", detail="the call took long\nprinted: x")
    jobs = jobs_of(single, 9)
    for row in range(3):
        jobs.put(0, row, lost)
        jobs.put(0, row + 3, Score(None, "exception"))
    jobs.check_hope(4)
    with pytest.raises(RewardError, match=r"first 3 calls of the reward all failed \(timeout: the call took long\)"):
        jobs.check_hope(3)
    jobs.put(0, 7, Score(0.0))
    jobs.check_hope(3)
