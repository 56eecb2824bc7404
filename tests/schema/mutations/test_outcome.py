"""How a domain error finds its place in a payload."""

from typing import Annotated

import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

from graph.domain import errors as domain
from graph.domain.actors import Grant
from graph.domain.denials import FolderForbiddenError
from graph.domain.templates import VariableType
from graph.schema import errors
from graph.schema.mutations.outcome import error_members, fitting_member
from tests.fixtures import caller
from tests.schema.conftest import Api

MISFIT = domain.InvalidVariableError("A misfit.", "age", VariableType.NUMBER, ("variables", "age"))


@strawberry.type
class OnlyMissing:
    errors: list[Annotated[errors.NotFoundError, strawberry.union("OnlyMissingError")]]


@strawberry.type
class AnyInput:
    errors: list[Annotated[errors.InvalidInputError | errors.NotFoundError, strawberry.union("AnyInputError")]]


@strawberry.type
class Variables:
    errors: list[Annotated[errors.InvalidInputError | errors.InvalidVariableError, strawberry.union("VariablesError")]]


@pytest.mark.parametrize(
    ("payload", "error", "member"),
    [
        (Variables, MISFIT, errors.InvalidVariableError),
        (AnyInput, MISFIT, errors.InvalidInputError),
        (AnyInput, domain.InvalidCursorError("Forged."), errors.InvalidInputError),
        (AnyInput, domain.NotFoundError("Gone."), errors.NotFoundError),
        (OnlyMissing, domain.InvalidInputError("No ID."), errors.NotFoundError),
        (OnlyMissing, domain.NameTakenError("x"), None),
        (Variables, domain.NotFoundError("Gone."), None),
    ],
)
def test_an_error_is_told_as_the_nearest_kind_that_the_union_has(
    payload: type, error: domain.UserError, member: type | None
) -> None:
    assert fitting_member(error_members(payload), error) is member


def test_a_path_starts_at_the_mutations_argument() -> None:
    told = errors.InvalidInputError.of(MISFIT)
    assert told.path == ["input", "variables", "age"]
    assert errors.NotFoundError.of(domain.NotFoundError("Gone.")).path is None


def test_every_user_error_of_the_domain_has_a_type_of_its_name() -> None:
    # These are of lists, searches and the feed: they never come out of a mutation.
    reading = {"InvalidCursorError", "InvalidSearchTokenError", "CursorExpiredError", "HistoryLostError"}
    told_as_invalid_input = {"BrokenReferenceError", "StillIncludedError"}
    told = {kind.__name__ for kind in _all_kinds(domain.UserError)} - reading - told_as_invalid_input
    assert told == {kind.__name__ for kind in _all_kinds(errors.UserError)}


def test_every_member_of_every_union_is_a_user_error(api: Api) -> None:
    types = api.schema._schema.type_map
    interface = types["UserError"]
    assert isinstance(interface, GraphQLInterfaceType)
    mutation = api.schema._schema.mutation_type
    assert mutation is not None
    for field in mutation.fields.values():
        assert isinstance(field.type, GraphQLObjectType), "a payload is nullable"
        union = field.type.fields["errors"].type.of_type.of_type.of_type
        assert isinstance(union, GraphQLUnionType)
        assert all(interface in member.interfaces for member in union.types)


async def test_an_error_that_no_member_tells_is_raised_on(api: Api) -> None:
    input = {"name": "x", "template": {"text": "x"}}
    result = await api.attempt("promptCreate", input, access=caller(grants=(Grant("elsewhere", can_write=True),)))
    assert result.data == {"promptCreate": None}
    assert result.errors
    assert isinstance(result.errors[0].original_error, FolderForbiddenError)


async def test_what_was_loaded_before_a_mutation_is_forgotten_after_it(api: Api) -> None:
    prompt = await api.create()
    rate = 'promptRate(input: {promptId: "%s", score: %d}) { prompt { viewerRating { score } } }'
    data = await api.query(f"mutation {{ a: {rate % (prompt['id'], 1)} b: {rate % (prompt['id'], 5)} }}")
    assert [data[alias]["prompt"]["viewerRating"]["score"] for alias in "ab"] == [1, 5]


def _all_kinds(root: type) -> set[type]:
    children: set[type] = set(root.__subclasses__())
    return children.union(*map(_all_kinds, children))
