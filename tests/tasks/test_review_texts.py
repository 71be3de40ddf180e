import csv
import json

import pytest

from formalrl.errors import ConfigError, ModelError
from formalrl.tasks.film_reviews import film_reviews
from formalrl.tasks.review_texts import first_tokens, first_words, load_tokenizer_file, review_texts
from formalrl.tasks.review_tokenizer import review_tokenizer

REVIEWS = film_reviews(30)


def write(folder, suffix):
    path, rows = folder / f"reviews{suffix}", [{"label": 1, "text": text} for text in (*REVIEWS, "too short")]
    if suffix == ".txt":
        path.write_text("\n".join(row["text"] for row in rows))
    elif suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    elif suffix == ".json":
        path.write_text(json.dumps([row["text"] for row in rows]))
    elif suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["label", "text"])
            writer.writeheader()
            writer.writerows(rows)
    else:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return str(path)


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".json", ".csv", ".parquet"])
def test_long_reviews_are_read_from_every_kind_of_file(tmp_path, suffix):
    path = write(tmp_path, suffix)
    assert review_texts(path, None, 100) == REVIEWS
    assert review_texts(path, None, 7) == REVIEWS[:7]


def test_a_data_set_in_a_folder_is_read_as_from_the_hub(tmp_path):
    pytest.importorskip("datasets")
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", ".parquet")
    (tmp_path / "data" / "reviews.parquet").rename(tmp_path / "data" / "train-00000-of-00001.parquet")
    assert review_texts(str(tmp_path), None, 100) == REVIEWS


def test_a_named_column_is_read_and_a_missing_one_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"text": "no", "body": text}) for text in REVIEWS))
    assert review_texts(str(path), "body", 100) == REVIEWS
    with pytest.raises(ConfigError, match=r"no column 'bodi'.*Did you mean 'body'"):
        review_texts(str(path), "bodi", 100)
    with pytest.raises(ConfigError, match="no review of more than 200 characters"):
        review_texts(str(path), "text", 100)


def test_a_missing_file_is_named():
    with pytest.raises(ConfigError, match="does not exist"):
        review_texts("no_such_file.txt", None, 100)


def test_words_and_marks_are_cut_as_they_are_written():
    text = "It's  a well-made film, isn't it?"
    assert [first_words(text, n) for n in (0, 1, 2, 3, 5)] == [
        "",
        "It's",
        "It's  a",
        "It's  a well",
        "It's  a well-made",
    ]
    assert first_words(text, 99) == text


def test_tokens_are_those_of_the_tokenizer(tmp_path):
    tokenizer = review_tokenizer(REVIEWS, 400)
    cut = first_tokens(tokenizer)
    for count in (1, 2, 8, 30):
        ids = tokenizer.encode(REVIEWS[0]).ids
        assert cut(REVIEWS[0], count) == tokenizer.decode(ids[:count])
    assert cut("short", 99) == "short"
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert load_tokenizer_file(str(tmp_path)).to_str() == tokenizer.to_str()


def write_byte_pairs(tokenizer, folder):
    model = json.loads(tokenizer.to_str())["model"]
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    pairs = (pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"])
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *pairs, ""]))


def test_tokens_are_those_of_old_repositories_without_a_tokenizer_json(tmp_path):
    tokenizer = review_tokenizer(REVIEWS, 400)
    write_byte_pairs(tokenizer, tmp_path)
    old = load_tokenizer_file(str(tmp_path))
    for text in (*REVIEWS, "don't\n\n 12 caf\u00e9 \U0001f600 #version: 0.2"):
        assert old.encode(text).tokens == tokenizer.encode(text).tokens
        assert first_tokens(old)(text, 7) == first_tokens(tokenizer)(text, 7)
    (tmp_path / "vocab.json").write_text('{"a</w>": 0, "b": 1}')
    (tmp_path / "merges.txt").write_text("")
    load_tokenizer_file.cache_clear()
    with pytest.raises(ModelError, match=r"tokenizer\.json of .* cannot be read"):
        load_tokenizer_file(str(tmp_path))


def test_a_tokenizer_that_cannot_be_read_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="set that to 'words'"):
        load_tokenizer_file(str(tmp_path))
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="is no fast tokenizer"):
        load_tokenizer_file(str(tmp_path))
