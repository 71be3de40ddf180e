import hashlib
import json
import warnings
from datetime import date
from itertools import count

import pytest

from formalrl.errors import ConfigError, ModelError
from formalrl.tasks import rows
from formalrl.tasks.rows import divide, is_held_out, prompts_of, read_rows
from formalrl.types import Prompt

CHAT = [{"role": "user", "content": "2 + 2"}]


def test_held_out_is_the_sha1_of_the_exact_prompt():
    for text in (f"prompt {n}" for n in range(50)):
        assert is_held_out(text) == (int(hashlib.sha1(text.encode()).hexdigest(), 16) % 10 == 0)
    share = sum(is_held_out(str(n)) for n in range(5000)) / 5000
    assert 0.08 < share < 0.12


def test_a_chat_is_held_out_by_its_json_whatever_the_order_of_keys():
    chats = [[{"role": "user", "content": str(n)}] for n in range(100)]
    turned = [[{"content": str(n), "role": "user"}] for n in range(100)]
    assert [is_held_out(c) for c in chats] == [is_held_out(c) for c in turned]
    assert any(is_held_out(c) for c in chats)


def test_rows_are_strings_dicts_or_prompts():
    given = ["a", {"prompt": "b", "answer": 1}, Prompt("c", {"x": 2}), {"prompt": CHAT, "ground_truth": "4"}]
    prompts = prompts_of(given, source="prompts()")
    assert [p.text for p in prompts] == ["a", "b", "c", CHAT]
    assert [dict(p.columns) for p in prompts] == [{}, {"answer": 1}, {"x": 2}, {"ground_truth": "4"}]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (3, "row 0 of prompts.. is a int: a row must be a string or a dict"),
        ({"promt": "a", "answer": 1}, r"no column 'prompt' \(its columns: promt, answer\).*Did you mean 'promt'"),
        ({"prompt": 3}, "has a prompt of type int: it must be text, or chat messages"),
        ({"prompt": []}, "has a prompt of type list"),
        ({"prompt": [{"role": "user"}]}, "has a prompt of type list"),
        ({"prompt": "a", "completion": "b"}, "has a column 'completion'.*rename it"),
        ({"prompt": "a", "day": date(2020, 1, 1)}, "has a date in column 'day', which JSON cannot hold"),
    ],
)
def test_a_bad_row_is_named(row, expected):
    with pytest.raises(ConfigError, match=expected):
        prompts_of([row], source="prompts()")


def test_no_rows_are_an_error():
    with pytest.raises(ConfigError, match="gave no rows"):
        prompts_of([], source="prompts()")


def test_an_endless_generator_is_capped_with_a_warning():
    with pytest.warns(UserWarning, match="more than 20 rows; the first 20 are used"):
        assert len(prompts_of((str(n) for n in count()), source="prompts()", max_rows=20)) == 20
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(prompts_of([str(n) for n in range(20)], source="prompts()", max_rows=20)) == 20


def test_dividing_loses_nothing_and_shares_nothing():
    prompts = prompts_of([str(n) for n in range(100)] * 2, source="prompts()")
    training, held_out = divide(prompts, source="prompts()")
    assert len(training) + len(held_out) == 200
    assert not {p.text for p in training} & {p.text for p in held_out}


@pytest.mark.parametrize("missing", ["training", "held-out"])
def test_an_empty_side_is_an_error(missing):
    texts = [str(n) for n in range(100) if is_held_out(str(n)) == (missing == "training")]
    with pytest.raises(ConfigError, match=f"leaves no {missing} prompts: .* or define eval_prompts"):
        divide(prompts_of(texts, source="prompts()"), source="prompts()")


ROWS = [{"prompt": "a", "answer": "1"}, {"prompt": "b", "answer": "2"}]


@pytest.mark.parametrize("suffix", rows.DATA_SUFFIXES)
def test_every_kind_of_file_gives_the_same_rows(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    if suffix == ".parquet":
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as parquet

        parquet.write_table(pa.Table.from_pylist(ROWS), path)
    elif suffix == ".csv":
        path.write_text('prompt,answer\na,1\n"b",2\n')
    else:
        path.write_text(json.dumps(ROWS) if suffix == ".json" else "\n".join(map(json.dumps, ROWS)) + "\n\n")
    assert list(read_rows(str(path))) == ROWS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.jsonl", '{"prompt": "a"}\n{"prompt": \n', r"a\.jsonl:2 is no JSON"),
        ("a.json", "[1,\n2", r"a\.json:2 is no JSON"),
        ("a.json", '{"prompt": "a"}', "holds a dict: it must hold a list"),
        ("a.parquet", "not parquet", "is no parquet file"),
        ("a.txt", "x", "no data file that can be read: its suffix must be"),
    ],
)
def test_a_malformed_file_is_named_with_its_line(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=expected):
        list(read_rows(str(tmp_path / name)))


def test_a_missing_file_is_an_error():
    with pytest.raises(ConfigError, match="does not exist"):
        read_rows("nowhere.jsonl")


def test_a_local_data_set_folder_is_read_as_one(tmp_path):
    pytest.importorskip("datasets")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "train.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    assert [dict(row) for row in read_rows(str(tmp_path / "folder"))] == ROWS


def test_an_unreachable_data_set_says_what_to_do():
    pytest.importorskip("datasets")
    with pytest.raises(ModelError, match=r"'no-such/data-set' cannot be fetched .*give a local file"):
        list(read_rows("no-such/data-set"))


def test_a_data_set_of_the_hub_is_asked_for_once_when_offline_and_taken_from_the_cache(monkeypatch):
    datasets = pytest.importorskip("datasets")
    asked, before = [], datasets.config.HF_HUB_OFFLINE

    def unreachable(self, name, **options):
        asked.append(name)
        raise ConnectionError("no route to the hub")

    def load_dataset(name, config, split):
        if name == "nobody/cached" and datasets.config.HF_HUB_OFFLINE:
            return [{"text": "kept"}]
        raise ConnectionError("many questions later")

    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: False)
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", unreachable)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert list(read_rows("nobody/cached")) == [{"text": "kept"}]
    with pytest.raises(ModelError, match="no route to the hub - and is not in the cache: connect"):
        list(read_rows("nobody/else"))
    assert asked == ["nobody/cached", "nobody/else"] and datasets.config.HF_HUB_OFFLINE is before
