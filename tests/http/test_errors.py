from typing import Any

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from graph.domain.denials import ForbiddenError
from graph.domain.errors import InvalidInputError
from graph.domain.outages import OutcomeUnknownError
from graph.http.errors import LONGEST_MESSAGE, MASKED, Mask
from tests.http.toy import Client, make_mask


def located(error: Exception, path: list[str | int] | None = None) -> GraphQLError:
    return GraphQLError(str(error), path=path or ["prompt", 0], original_error=error)


async def test_an_unexpected_error_is_masked_by_an_id_that_is_in_the_log(client: Client) -> None:
    with capture_logs() as lines:
        async with client.post("/graphql", json={"query": "{broken}"}) as response:
            text = await response.text()
            error = (await response.json())["errors"][0]
    assert error["message"] == MASKED
    assert error["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in text
    assert "Traceback" not in text
    [line] = [line for line in lines if line["log_level"] == "error"]
    assert line["error_id"] == error["extensions"]["errorId"]
    assert "hunter2" in str(line["exc_info"])


@pytest.mark.parametrize(
    ("error", "extensions"),
    [
        (ForbiddenError("labels:write"), {"code": "FORBIDDEN", "requiredScope": "labels:write"}),
        (InvalidInputError("Too long.", ("tags", "3")), {"code": "BAD_USER_INPUT", "inputPath": ["tags", "3"]}),
        (InvalidInputError("Too long."), {"code": "BAD_USER_INPUT"}),
        (OutcomeUnknownError(), {"code": "OUTCOME_UNKNOWN"}),
    ],
)
def test_our_own_errors_are_shown_with_their_code(error: Exception, extensions: dict[str, Any]) -> None:
    shown = make_mask()(located(located(error)))
    assert shown == {"message": str(error), "path": ["prompt", 0], "extensions": extensions}


def test_an_error_that_graphql_made_is_shown() -> None:
    shown = make_mask()(GraphQLError("No.", path=["a"], extensions={"code": "SPECIAL"}))
    assert shown == {"message": "No.", "path": ["a"], "extensions": {"code": "SPECIAL"}}


def test_a_scalar_says_why_it_refuses_a_variable() -> None:
    refused = GraphQLError("Variable '$at' …: not a time", original_error=ValueError("not a time"))
    assert make_mask()(refused)["extensions"] == {"code": "BAD_USER_INPUT"}


def test_a_scalar_that_breaks_is_masked() -> None:
    broken = GraphQLError("Variable '$at' …: '_id'", original_error=KeyError("_id"))
    assert make_mask()(broken)["message"] == MASKED


def test_each_masked_error_has_an_id_of_its_own() -> None:
    mask = make_mask()
    ids = {mask(located(RuntimeError("x")))["extensions"]["errorId"] for _ in range(3)}
    assert len(ids) == 3


def test_a_message_that_quotes_a_whole_literal_is_cut() -> None:
    shown = Mask(lambda: "1")(GraphQLError("x" * 50_000))
    assert len(shown["message"]) == LONGEST_MESSAGE + 1
