import pytest
from aiohttp import web
from structlog.testing import capture_logs

from graph.http.errors import MASKED
from tests.http.toy import Client, make_app, serve


async def test_every_answer_has_the_headers_that_keep_browsers_careful(client: Client) -> None:
    for path in ("/graphql?query={hello}", "/livez", "/nothing"):
        async with client.get(path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["X-Frame-Options"] == "DENY"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Server"] == "Promptgraph"


async def test_the_callers_request_id_comes_back(client: Client) -> None:
    async with client.get("/livez", headers={"X-Request-Id": "a1.B-2_c"}) as response:
        assert response.headers["X-Request-Id"] == "a1.B-2_c"


@pytest.mark.parametrize("given", ["", "a" * 65, "two words", "a;b", "é"])
async def test_a_request_id_that_is_no_plain_one_is_replaced(client: Client, given: str) -> None:
    async with client.get("/livez", headers={"X-Request-Id": given}) as response:
        assert response.headers["X-Request-Id"] == "made-here"


async def test_an_unknown_path_and_a_wrong_method_are_told_in_json(client: Client) -> None:
    async with client.get("/nothing/here") as response:
        assert response.status == 404
        assert (await response.json())["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    async with client.post("/livez") as response:
        assert response.status == 405
        assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD"}
        assert (await response.json())["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}


async def test_a_fault_of_our_own_is_500_masked_and_logged() -> None:
    async def break_down(request: web.Request) -> object:
        raise RuntimeError("mongodb://root:hunter2@db")

    with capture_logs() as lines:
        async with (
            serve(make_app(make_context=break_down)) as client,
            client.post("/graphql", json={"query": "{hello}"}) as response,
        ):
            assert response.status == 500
            error = (await response.json())["errors"][0]
            assert response.headers["X-Request-Id"] == "made-here"
    assert error["message"] == MASKED
    assert [line["error_id"] for line in lines if line["log_level"] == "error"] == [error["extensions"]["errorId"]]


async def test_a_request_is_one_line_in_the_log_and_holds_no_secret() -> None:
    with capture_logs() as lines:
        async with serve(make_app()) as client:
            headers = {"Authorization": "Bearer pg_secret"}
            async with client.get("/graphql", params={"query": "{hello} #secret"}, headers=headers):
                pass
    [line] = [line for line in lines if line["event"] == "request"]
    assert {key: line[key] for key in ("method", "path", "status", "log_level")} == {
        "method": "GET",
        "path": "/graphql",
        "status": 200,
        "log_level": "info",
    }
    assert 0 <= line["milliseconds"] < 10_000
    assert "secret" not in str(lines)


async def test_probes_do_not_fill_the_log() -> None:
    with capture_logs() as lines:
        async with serve(make_app()) as client, client.get("/readyz"):
            pass
    assert [line["log_level"] for line in lines if line["event"] == "request"] == ["debug"]
