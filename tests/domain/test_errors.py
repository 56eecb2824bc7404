import pytest

from graph.domain import errors
from graph.domain.errors import MissingVariablesError, NameTakenError, PromptgraphError
from graph.domain.templates import Variable


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    pending, names = [PromptgraphError], set()
    while pending:
        kind = pending.pop()
        names.add(kind.__name__)
        pending += kind.__subclasses__()
    ours = {name for name in names if hasattr(errors, name)}
    assert [name for name in ours if name not in (errors.__doc__ or "")] == []


def test_a_path_names_fields_not_letters() -> None:
    assert NameTakenError("a", ("input", "name")).path == ("input", "name")
    assert MissingVariablesError([Variable("a"), Variable("b")]).path == ("variables",)


@pytest.mark.parametrize("kind", [PromptgraphError, errors.InvalidInputError, errors.StoreUnavailableError])
def test_every_error_has_a_stable_code(kind: type[PromptgraphError]) -> None:
    assert kind.code.isupper()
