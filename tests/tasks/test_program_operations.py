import pytest

from formalrl.tasks.program_operations import ENDS, OPERATIONS

VALUES = {"int": (0, -7, 31, 4), "list": ([], [3, 3, -2, 8, 5]), "str": ("", "a tea set", "is")}
TYPES = {"int": int, "list": list, "str": str}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.takes}:{o.words}")
def test_code_and_function_of_an_operation_agree(operation):
    for constant in operation.constants:
        code = compile(operation.code.format(k=constant), "code", "eval")
        for value in VALUES[operation.takes]:
            result = operation.function(value, constant)
            assert eval(code, {"x": value}) == result
            assert type(result) is TYPES[operation.gives]


def test_words_tell_operations_of_a_kind_apart():
    for kind in VALUES:
        words = [o.words for o in OPERATIONS if o.takes == kind]
        assert len(set(words)) == len(words)
    assert set(ENDS) <= {o.words for o in OPERATIONS}
