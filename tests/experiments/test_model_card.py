"""The model card."""

import yaml

from formalrl.experiments.model_card import cell, write_model_card


def test_the_card_has_a_head_results_and_how_to_load(make_run):
    folder = make_run(steps=40)
    for number in (2, 40, 5):
        (folder / f"checkpoint-{number}").mkdir()
    (folder / "checkpoint-best").mkdir()
    text = write_model_card(folder).read_text(encoding="utf-8")
    head = yaml.safe_load(text.split("---")[1])
    assert head["library_name"] == "transformers" and "base_model" not in head
    assert f'from_pretrained("{folder}/checkpoint-40")' in text
    assert "| Accuracy |" in text and "step 0 | step 40 |" in text and "| Seed | 3 |" in text
    assert "| learning\\_rate | 0.0003 |" in text and "formalrl train arithmetic --config" in text
    assert "nan" not in text.lower().split() and "None" not in text.replace("None.", "")


def test_a_base_model_of_the_hub_is_named(make_run):
    folder = make_run(steps=5)
    config = folder / "config.yaml"
    config.write_text(
        config.read_text().replace("model_name_or_path: null", "model_name_or_path: EleutherAI/pythia-70m")
    )
    assert "base_model: EleutherAI/pythia-70m" in write_model_card(folder).read_text()


def test_a_model_on_the_hub_is_loaded_by_its_name(make_run):
    folder = make_run(steps=5)
    config = folder / "config.yaml"
    config.write_text("hub_model_id: me/sums\n" + config.read_text())
    assert 'from_pretrained("me/sums")' in write_model_card(folder).read_text()


def test_a_run_without_an_evaluation_has_a_card(make_run):
    folder = make_run(steps=5)
    (folder / "eval.jsonl").unlink()
    assert "There is no evaluation yet." in write_model_card(folder).read_text()


def test_cells_hold_no_markup(hostile):
    shown = cell(hostile + "|a\nb`c`")
    assert "\n" not in shown and "\x00" not in shown
    assert all(shown[i - 1] == "\\" for i, character in enumerate(shown) if character in "|<>`")
