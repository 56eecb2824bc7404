from dataclasses import replace

import pytest
from graphql import OperationType

from graph.domain.limits import RequestLimits
from graph.http.documents import DocumentRefusedError, Documents
from tests.http.toy import build_toy

SCHEMA = build_toy()._schema
LIMITS = RequestLimits()


def refusals(query: str) -> list[tuple[str, str]]:
    with pytest.raises(DocumentRefusedError) as refused:
        Documents(SCHEMA, LIMITS).prepare(query)
    return [((error.extensions or {})["code"], error.message) for error in refused.value.errors]


def test_a_document_is_prepared_once_and_kept() -> None:
    documents = Documents(SCHEMA, LIMITS)
    assert documents.prepare("{hello}") is documents.prepare("{hello}")
    assert len(documents) == 1


def test_the_least_recently_used_is_forgotten_first() -> None:
    documents = Documents(SCHEMA, replace(LIMITS, documents=2))
    first, second = documents.prepare("{hello}"), documents.prepare("{later}")
    documents.prepare("{hello}")
    documents.prepare("{leaf{name}}")
    assert documents.prepare("{hello}") is first
    assert documents.prepare("{later}") is not second


def test_what_is_kept_is_bounded_in_bytes() -> None:
    documents = Documents(SCHEMA, replace(LIMITS, document_bytes=1_000))
    for number in range(20):
        documents.prepare("{hello}#" + str(number) * 100)
    assert 1 <= len(documents) < 10


def test_a_document_larger_than_the_bound_is_run_and_not_kept() -> None:
    documents = Documents(SCHEMA, replace(LIMITS, document_bytes=5))
    assert documents.prepare("{hello}").operation_type(None) is OperationType.QUERY
    assert len(documents) == 0


def test_an_invalid_document_is_not_kept() -> None:
    documents = Documents(SCHEMA, LIMITS)
    for query in ("{", "{nothing}", "{" + "hello " * 500 + "}"):
        with pytest.raises(DocumentRefusedError):
            documents.prepare(query)
    assert len(documents) == 0


def test_a_text_that_is_no_graphql_has_a_code() -> None:
    assert [code for code, _ in refusals("{hello")] == ["GRAPHQL_PARSE_FAILED"]


def test_a_field_that_is_not_there_has_a_code_and_a_hint() -> None:
    assert refusals("{helo}") == [
        ("GRAPHQL_VALIDATION_FAILED", "Cannot query field 'helo' on type 'Query'. Did you mean 'hello'?")
    ]


def test_validation_stops_after_a_few_errors() -> None:
    found = refusals("{leaf{" + " ".join(f"a{number}" for number in range(200)) + "}}")
    assert len(found) == LIMITS.validation_errors + 1
    assert "limit reached" in found[-1][1]


def test_the_operation_to_run_is_the_only_one_or_the_named_one() -> None:
    documents = Documents(SCHEMA, LIMITS)
    both = documents.prepare("query A{hello} mutation B{count}")
    assert both.operation_type("A") is OperationType.QUERY
    assert both.operation_type("B") is OperationType.MUTATION
    assert documents.prepare("mutation{count}").operation_type(None) is OperationType.MUTATION


@pytest.mark.parametrize("name", [None, "C", ""])
def test_an_operation_that_is_not_clear_is_refused_by_the_names_there_are(name: str | None) -> None:
    document = Documents(SCHEMA, LIMITS).prepare("query A{hello} mutation B{count}")
    with pytest.raises(DocumentRefusedError, match="The query defines: A, B") as refused:
        document.operation_type(name)
    assert refused.value.errors[0].extensions == {"code": "OPERATION_RESOLUTION_FAILURE"}


def test_a_document_of_fragments_alone_runs_nothing() -> None:
    document = "fragment F on Query{hello}"
    with pytest.raises(DocumentRefusedError):
        Documents(SCHEMA, LIMITS).prepare(document).operation_type(None)
