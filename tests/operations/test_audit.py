"""What is written down of deeds that change no prompt, and of attempts that were refused."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from graph.domain.actors import Access, Origin, Scope
from graph.domain.audit import Record
from graph.domain.errors import PromptgraphError
from graph.domain.outages import StoreUnavailableError
from graph.domain.prompts import LATEST_VERSION
from graph.operations.api_keys import create_key, revoke_key, rotate_key
from graph.operations.audit import note_refusal
from graph.operations.deps import Deps
from graph.operations.labels import set_label
from graph.operations.prompts import create_prompt
from graph.operations.protection import protect_label, unprotect_label
from graph.store.audit import AuditStore
from graph.store.database import Document
from graph.store.refusals import RefusalStore
from tests.fixtures import Records, caller, draft

HERE = Origin("192.0.2.7", "request-1")
ADA = replace(caller(), key_id="key-1", origin=HERE)


async def records_of(records: Records) -> list[Document]:
    return [one for one in await records.all("events") if "prompt_id" not in one]


async def test_what_is_done_with_keys_is_written_down_and_no_secret(deps: Deps, records: Records) -> None:
    made = await create_key(deps, ADA, "website", [Scope.PROMPTS_READ])
    rotated = await rotate_key(deps, ADA, made.key.id)
    await revoke_key(deps, ADA, rotated.new.key.id)
    await revoke_key(deps, ADA, rotated.new.key.id)
    written = await records_of(records)
    assert [one["kind"] for one in written] == ["api_key_created", "api_key_rotated", "api_key_revoked"]
    assert {(one["actor"], one["key"], one["address"], one["request"]) for one in written} == {
        ("actor-ada", "key-1", "192.0.2.7", "request-1")
    }
    assert written[0]["change"]["scopes"] == ["prompts:read"]
    assert (written[1]["change"]["from"], written[1]["change"]["key"]) == (made.key.id, rotated.new.key.id)
    assert made.secret not in str(written)


async def test_protection_is_written_down_when_it_changes(deps: Deps, records: Records) -> None:
    await protect_label(deps, ADA, "staging")
    await protect_label(deps, ADA, "staging")
    await unprotect_label(deps, ADA, "staging")
    written = await records_of(records)
    assert [(one["kind"], one["change"]) for one in written] == [
        ("label_protected", {"label": "staging"}),
        ("label_unprotected", {"label": "staging"}),
    ]


async def test_a_change_to_a_prompt_says_where_it_came_from(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    await set_label(deps, caller(), prompt.id, "qa", LATEST_VERSION)
    first, second = await records.events(prompt.id)
    assert (first["address"], first["request"]) == ("192.0.2.7", "request-1")
    assert not {"address", "request"} & set(second)


async def test_a_thousand_refusals_make_one_record(deps: Deps, records: Records) -> None:
    for number in range(1_000):
        origin = Origin("192.0.2.7", None)
        note_refusal(deps, Access(None, origin=origin), "POST /graphql", "UNAUTHENTICATED")
        if number % 500 == 0:
            note_refusal(deps, ADA, "apiKeys", "FORBIDDEN")
    assert await records_of(records) == []
    await deps.store.refusals.flush()
    told = {one["change"]["operation"]: one for one in await records_of(records)}
    assert {name: one["change"]["count"] for name, one in told.items()} == {"POST /graphql": 1_000, "apiKeys": 2}
    assert told["apiKeys"]["key"] == "key-1"
    await deps.store.refusals.flush()
    assert len(await records_of(records)) == 2


async def test_many_callers_are_counted_together_beyond_a_bound(deps: Deps, records: Records) -> None:
    refusals = RefusalStore(deps.store.audit, most=10)
    for number in range(500):
        signature = replace(deps.signature(ADA), address=f"192.0.2.{number}")
        refusals.note(signature, "apiKeys", "FORBIDDEN", deps.ids)
    await refusals.flush()
    written = await records_of(records)
    assert len(written) == 11
    assert sum(one["change"]["count"] for one in written) == 500
    (others,) = [one for one in written if one["change"]["operation"] == "others"]
    assert (others["change"]["count"], others["actor"], others["key"]) == (490, None, None)
    assert "address" not in others


class LostAnswer(AuditStore):
    """Writes, and then hears nothing of it."""

    is_lost = True

    async def append_many(self, records: Sequence[Record]) -> None:
        await super().append_many(records)
        if self.is_lost:
            raise StoreUnavailableError


async def test_a_flush_that_was_cut_off_writes_nothing_twice(deps: Deps, records: Records) -> None:
    audit = LostAnswer(deps.store.database)
    refusals = RefusalStore(audit, most=10)
    refusals.note(deps.signature(ADA), "apiKeys", "FORBIDDEN", deps.ids)
    with pytest.raises(PromptgraphError):
        await refusals.flush()
    refusals.note(deps.signature(ADA), "apiKeys", "FORBIDDEN", deps.ids)
    audit.is_lost = False
    await refusals.flush()
    await refusals.flush()
    assert [one["change"]["count"] for one in await records_of(records)] == [1, 1]


async def test_who_tries_to_move_a_protected_label_is_written_down(deps: Deps, records: Records) -> None:
    prompt = await create_prompt(deps, ADA, draft())
    carl = caller("carl", scopes=frozenset(Scope) - {Scope.LABELS_PROTECTED})
    with pytest.raises(PromptgraphError):
        await set_label(deps, carl, prompt.id, "production", LATEST_VERSION)
    await deps.store.refusals.flush()
    (record,) = await records_of(records)
    assert (record["actor"], record["change"]["operation"]) == ("actor-carl", "label production")
    assert record["change"]["code"] == "LABEL_PROTECTED"
