"""A checkpoint exists whole or not at all, and a damaged one is named and skipped."""

import errno

import pytest

from formalrl.errors import CheckpointError
from formalrl.training import checkpoint
from formalrl.training.checkpoint import checkpoints, fault, newest_whole, remove_old, write_folder


def write(path, text="weights"):
    write_folder(path, lambda folder: (folder / "model.bin").write_text(text) and None)


def test_a_written_folder_is_whole(tmp_path):
    write(tmp_path / "checkpoint-4")
    assert fault(tmp_path / "checkpoint-4") is None
    assert newest_whole(tmp_path) == (tmp_path / "checkpoint-4", [])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: (p / "model.bin").write_text("weigh"), "has 5 of 7 bytes"),
        (lambda p: (p / "model.bin").write_text("weighty"), "corrupt"),
        (lambda p: (p / "model.bin").unlink(), "missing"),
        (lambda p: (p / checkpoint.MANIFEST).unlink(), "no integrity.json"),
        (lambda p: (p / checkpoint.MANIFEST).write_text('{"model.bin": ['), "cannot be read"),
    ],
)
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_taken(tmp_path, damage, said):
    write(tmp_path / "checkpoint-2")
    write(tmp_path / "checkpoint-10")
    damage(tmp_path / "checkpoint-10")
    path, notes = newest_whole(tmp_path)
    assert path == tmp_path / "checkpoint-2"
    assert len(notes) == 1
    assert "checkpoint-10" in notes[0]
    assert said in notes[0]


def test_a_full_disk_leaves_the_old_checkpoint_and_no_half_one(tmp_path):
    write(tmp_path / "checkpoint-2", "old")

    def fill(folder):
        (folder / "model.bin").write_text("new")
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("checkpoint-2", "checkpoint-4"):
        with pytest.raises(CheckpointError, match="the disk is full"):
            write_folder(tmp_path / name, fill)
    assert (tmp_path / "checkpoint-2" / "model.bin").read_text() == "old"
    assert fault(tmp_path / "checkpoint-2") is None
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]


def test_a_folder_left_by_a_kill_is_no_checkpoint_and_is_cleaned_up(tmp_path):
    (tmp_path / ".unfinished-checkpoint-4").mkdir()
    (tmp_path / ".unfinished-checkpoint-4" / "model.bin").write_text("half")
    assert newest_whole(tmp_path) == (None, [])
    write(tmp_path / "checkpoint-4")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-4"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    write_folder(tmp_path / "best", lambda folder: (folder / "old.bin").write_text("1") and None)
    write(tmp_path / "best", "2")
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [checkpoint.MANIFEST, "model.bin"]


def test_only_the_newest_and_the_start_are_kept(tmp_path):
    for step in (0, 2, 10, 4):
        write(tmp_path / f"checkpoint-{step}")
    remove_old(tmp_path, keep=2)
    assert [step for step, _ in checkpoints(tmp_path)] == [0, 4, 10]
    remove_old(tmp_path, keep=0)
    assert len(checkpoints(tmp_path)) == 3
