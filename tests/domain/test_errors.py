import pytest

from graph.domain import denials, errors, outages
from graph.domain.errors import MissingVariablesError, NameTakenError, PromptgraphError
from graph.domain.templates import Variable


def test_every_error_is_in_the_tree_of_its_module() -> None:
    for module in (errors, denials, outages):
        kinds = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        assert kinds
        assert [name for name in kinds if name not in (module.__doc__ or "")] == []


def test_a_path_names_fields_not_letters() -> None:
    assert NameTakenError("a", ("input", "name")).path == ("input", "name")
    assert MissingVariablesError([Variable("a"), Variable("b")]).path == ("variables",)


@pytest.mark.parametrize("kind", [PromptgraphError, errors.InvalidInputError, outages.StoreUnavailableError])
def test_every_error_has_a_stable_code(kind: type[PromptgraphError]) -> None:
    assert kind.code.isupper()
