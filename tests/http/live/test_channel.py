"""Those who asked for the same share one stream, wherever they begin."""

from typing import Any

from tests.http.live.conversation import Talk, Toy, toy_server, until

QUERY = "subscription($after: Int) {words(after: $after) {text}}"


async def subscribe(toy: Toy, after: int | None = None, query: str = QUERY, **more: Any) -> Talk:
    talk = await toy.begin(**more)
    await talk.subscribe("a", query, variables={"after": after})
    return talk


async def hear(talk: Talk) -> str | None:
    text: str | None = (await talk.hear())["payload"]["data"]["words"]["text"]
    return text


async def test_each_message_is_run_once_for_all_who_asked_the_same() -> None:
    async with toy_server() as toy:
        talks = [await subscribe(toy) for _ in range(5)]
        assert [await hear(talk) for talk in talks] == [None] * 5
        before = toy.board.told
        toy.board.write("one", "two")
        assert [[await hear(talk), await hear(talk)] for talk in talks] == [["one", "two"]] * 5
        assert toy.board.told == before + 2
        assert (toy.live.subscriptions.count, toy.live.subscriptions.channel_count) == (5, 1)
        await until(lambda: toy.board.readers == 1)


async def test_another_selection_or_caller_has_a_stream_of_its_own() -> None:
    async with toy_server() as toy:
        talks = [
            await subscribe(toy),
            await subscribe(toy, query=QUERY.replace("text", "other: text text")),
            await subscribe(toy, payload={"X-Promptgraph-Actor": "ada"}),
        ]
        for talk in talks:
            await talk.hear()
        toy.board.write("one")
        for talk in talks:
            assert await hear(talk) == "one"
        assert toy.live.subscriptions.channel_count == 3


async def test_who_begins_in_the_past_catches_up_alone_and_then_joins_without_gap_or_repetition() -> None:
    async with toy_server() as toy:
        first = await subscribe(toy)
        await first.hear()
        toy.board.write(*"abc")
        assert [await hear(first) for _ in range(3)] == [*"abc"]
        late = await subscribe(toy, after=1)
        assert [await hear(late) for _ in range(2)] == ["b", "c"]
        toy.board.write("d")
        assert await hear(late) == "d"
        assert await hear(first) == "d"
        await until(lambda: toy.board.readers == 1)


async def test_the_stream_ends_with_its_last_reader_and_begins_anew() -> None:
    async with toy_server() as toy:
        for word in "ab":
            talk = await subscribe(toy)
            await talk.hear()
            toy.board.write(word)
            assert await hear(talk) == word
            await talk.socket.close()
            await until(lambda: toy.board.readers == 0 and toy.live.subscriptions.channel_count == 0)


async def test_a_variable_that_is_read_elsewhere_too_is_part_of_what_was_asked() -> None:
    query = "subscription($after: Int, $other: Boolean!) {words(after: $after) {text @include(if: $other)}}"
    async with toy_server() as toy:
        talks = [await toy.begin() for _ in range(3)]
        for talk, other in zip(talks, (True, False, False), strict=True):
            await talk.subscribe("a", query, variables={"other": other})
            await talk.hear()
        assert toy.live.subscriptions.channel_count == 2


async def test_a_stream_whose_end_was_swallowed_on_the_way_ends_all_the_same() -> None:
    async with toy_server() as toy:
        talk = await subscribe(toy, query=QUERY.replace("text", "text stubborn"))
        await talk.hear()
        toy.board.write("wait")
        await until(lambda: toy.board.waiting)
        await talk.socket.close()
        await until(lambda: toy.board.readers == 0 and toy.live.subscriptions.channel_count == 0)
