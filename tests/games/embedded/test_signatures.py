from formalrl.games.embedded import compile as _load
from formalrl.games.embedded.gen import EMITTERS
from formalrl.games.embedded.signatures import ATOMS, BY_HEAD, FORMS, HEADS_ELSEWHERE, RESULTS, WORDS


def test_every_type_of_the_table_exists():
    known = RESULTS | set(ATOMS) | set(WORDS) | {"point", "walk"}
    assert {t.strip("{}") for f in FORMS for p in f.params for t in p.types} <= known


def test_every_value_and_move_form_has_an_emitter():
    assert _load is not None
    kinds = {"int", "bool", "region", "ints", "moves"}
    missing = {f"{f.result}:{f.key}" for f in FORMS if f.result in kinds} - set(EMITTERS)
    assert missing <= {"bool:is Cycle", "bool:is Pattern", "bool:is Loop", "bool:all Groups", "region:sites Incident"}


def test_labels_of_a_form_differ():
    for form in FORMS:
        labels = [p.label for p in form.params]
        assert len(labels) == len(set(labels)), form.line
    assert not HEADS_ELSEWHERE & set(BY_HEAD)
