import pytest

from graph.http.origin import OriginRules
from tests.http.toy import Client, Mutation, make_app, serve

LOCAL = OriginRules("127.0.0.1", (), (), local=True)
COUNT = {"query": "mutation {count}"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LOCALHOST", "localhost.", "127.0.0.1:1", "[::1]:8080", "[::1]"],
)
def test_a_local_server_answers_to_its_own_names(host: str) -> None:
    assert LOCAL.allows_host([host])


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["evil.example:8080"],
        ["localhost.evil.example"],
        ["127.0.0.1.evil.example"],
        ["localhost:80@evil.example"],
        ["localhost:x"],
        ["[::1].evil.example"],
        ["[::1"],
        [""],
        [],
        ["localhost", "evil.example"],
    ],
)
def test_a_local_server_does_not_answer_to_another(hosts: list[str]) -> None:
    assert not LOCAL.allows_host(hosts)


def test_the_address_that_was_given_is_a_name_too() -> None:
    assert OriginRules("::1", (), (), local=True).allows_host(["[::1]:8080"])
    assert OriginRules("prompts.lan", (), (), local=True).allows_host(["prompts.lan:8080"])
    assert not OriginRules("0.0.0.0", ("a.example",), (), local=False).allows_host(["0.0.0.0"])


def test_listed_names_are_answered_and_then_no_others() -> None:
    rules = OriginRules("0.0.0.0", ("Prompts.example",), (), local=False)
    assert rules.allows_host(["prompts.example:443"])
    assert not rules.allows_host(["other.example"])


def test_without_a_list_a_server_that_needs_keys_answers_to_any_name() -> None:
    assert OriginRules("0.0.0.0", (), (), local=False).allows_host(["any.example"])
    assert OriginRules("127.0.0.1", ("*",), (), local=True).allows_host(["any.example"])


async def test_a_foreign_host_is_421(client: Client) -> None:
    before = Mutation.runs
    async with client.post("/graphql", json=COUNT, headers={"Host": "evil.example"}) as response:
        assert response.status == 421
        assert (await response.json())["errors"][0]["extensions"] == {"code": "FOREIGN_HOST"}
    assert Mutation.runs == before


async def test_health_is_told_to_whoever_probes(client: Client) -> None:
    async with client.get("/livez", headers={"Host": "10.0.0.7:8080"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "file://", "http://[", ""])
async def test_a_foreign_origin_may_not_post(client: Client, origin: str) -> None:
    before = Mutation.runs
    async with client.post("/graphql", json=COUNT, headers={"Origin": origin}) as response:
        assert response.status == 403
        assert (await response.json())["errors"][0]["extensions"] == {"code": "FOREIGN_ORIGIN"}
        assert "Access-Control-Allow-Origin" not in response.headers
    assert Mutation.runs == before


async def test_a_foreign_origin_may_not_open_a_websocket(client: Client) -> None:
    headers = {"Origin": "https://evil.example", "Upgrade": "websocket", "Connection": "Upgrade"}
    async with client.get("/graphql", headers=headers) as response:
        assert response.status == 403


async def test_a_foreign_origin_is_not_told_that_it_may_read(client: Client) -> None:
    async with client.get(
        "/graphql", params={"query": "{hello}"}, headers={"Origin": "https://evil.example"}
    ) as response:
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Origin" in ", ".join(response.headers.getall("Vary"))


async def test_the_servers_own_pages_may_post(client: Client) -> None:
    for host in ("localhost:8080", "127.0.0.1"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        async with client.post("/graphql", json={"query": "{hello}"}, headers=headers) as response:
            assert response.status == 200


async def test_an_origin_behind_a_proxy_that_ends_tls_is_the_same() -> None:
    rules = OriginRules("0.0.0.0", ("prompts.example",), (), local=False)
    async with serve(make_app(rules=rules)) as client:
        headers = {"Host": "prompts.example", "Origin": "https://prompts.example"}
        async with client.post("/graphql", json={"query": "{hello}"}, headers=headers) as response:
            assert response.status == 200


async def test_a_listed_origin_may_ask_call_and_read() -> None:
    rules = OriginRules("127.0.0.1", (), ("https://Studio.example/",), local=True)
    headers = {"Origin": "https://studio.example"}
    async with serve(make_app(rules=rules)) as client:
        asked = "authorization, content-type, x-stainless-lang"
        asking = {**headers, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked}
        async with client.options("/graphql", headers=asking) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == "https://studio.example"
            assert response.headers["Access-Control-Allow-Headers"] == asked
            assert "POST" in response.headers["Access-Control-Allow-Methods"]
            assert "Access-Control-Allow-Credentials" not in response.headers
        async with client.post("/graphql", json={"query": "{hello}"}, headers=headers) as response:
            assert response.status == 200
            assert response.headers["Access-Control-Allow-Origin"] == "https://studio.example"
            assert response.headers["Vary"] == "Origin"


async def test_a_foreign_preflight_is_refused(client: Client) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with client.options("/graphql", headers=headers) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("listed", "origin", "is_listed"),
    [
        ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop", True),
        ("chrome-extension://abcdefghijklmnop", "chrome-extension://another", False),
        ("moz-extension://*", "moz-extension://0c5d0f53-7d1c-4b8e-9d8c-0a6f1a2b3c4d", True),
        ("moz-extension://*", "chrome-extension://0c5d0f53", False),
        ("https://*.example.com", "https://a.b.example.com", True),
        ("https://*.example.com", "https://a.example.com.evil.org", False),
        ("https://*.example.com", "https://evil.org/.example.com", False),
        ("https://*.example.com", "https://aXexample.com", False),
        ("*", "https://any.example", True),
    ],
)
def test_a_listed_origin_may_have_a_star_for_names(listed: str, origin: str, is_listed: bool) -> None:
    assert OriginRules("0.0.0.0", (), (listed,), local=False).lists_origin(origin) is is_listed


@pytest.mark.parametrize("asked", ["a\tb", "x" * 2_001, "authorization; x", "é"])
async def test_a_preflight_that_asks_for_what_are_no_headers_is_told_none(asked: str) -> None:
    rules = OriginRules("127.0.0.1", (), ("https://studio.example",), local=True)
    headers = {
        "Origin": "https://studio.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asked,
    }
    async with serve(make_app(rules=rules)) as client, client.options("/graphql", headers=headers) as response:
        assert "Access-Control-Allow-Headers" not in response.headers
