"""Writers that change prompts over HTTP for as long as they are let, and keep a journal of what they were told."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from graph.http.auth import ACTOR_HEADER
from tests.e2e.journal import Deed, Journal
from tests.e2e.server import Server

PAUSE_SECONDS = 0.05
EDITABLE = 3  # prompts of each writer; beyond them the oldest is deleted

FIELDS = {
    "promptCreate": "prompt { id }",
    "promptVersionCreate": "version { number } isNew",
    "promptLabelSet": "label { version { number } }",
    "promptRate": "rating { score }",
    "promptUpdate": "prompt { title }",
    "promptArchive": "prompt { archivedAt }",
    "promptUnarchive": "prompt { archivedAt }",
    "promptDelete": "deletedPromptId",
}
CONFLICT = "... on VersionConflictError { latestVersion { number } }"
READ = """query($by: PromptBy!, $number: Int!) { prompt(by: $by) { id latestVersion { number }
  version(by: {number: $number}) { template { ... on TextTemplate { text } } } } }"""

Payload = dict[str, Any]


class NotWrittenError(Exception):
    """The server, or its absence, says that nothing was written."""


class UnknownOutcomeError(Exception):
    """It may have been written."""


@dataclass(slots=True)
class Target:
    """A prompt that all may change, and only its owner may archive or delete."""

    name: str
    id: str
    latest: int = 1
    is_going: bool = False
    labels: dict[str, int] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)


class Writer:
    """One of many. `pool` are the prompts of all of them."""

    def __init__(self, number: int, server: Server, pool: list[Target], chance: random.Random) -> None:
        self.handle = f"writer-{number}"
        self.journal = Journal(self.handle)
        self.is_done = False
        self._server = server
        self._pool = pool
        self._mine: list[Target] = []
        self._chance = chance
        self._count = 0

    async def run(self) -> None:
        """Until `is_done`; the last deed is brought to its end."""
        deeds: list[tuple[Callable[[Target], Awaitable[None]], int]] = [
            (self._append, 10),
            (self._label, 4),
            (self._rate, 4),
            (self._update, 3),
            (self._look, 3),
        ]
        choices, weights = zip(*deeds, strict=True)
        while not self.is_done:
            if len(self._mine) < EDITABLE or self._chance.random() < 0.05:
                await self._create()
            elif self._chance.random() < 0.05:
                await self._put_away(self._chance.choice(self._mine))
            else:
                await self._chance.choices(choices, weights)[0](self._chance.choice(self._pool))
            if len(self._mine) > EDITABLE:
                await self._delete(self._mine.pop(0))

    async def _create(self) -> None:
        name = f"{self.handle}/{self._next()}"
        input = {"name": name, "template": {"text": name}}
        payload, error = await self._do(name, "created", "promptCreate", input, happened="NameTakenError")
        prompt = await self._read(name) if error else payload["prompt"]
        target = Target(name, prompt["id"])
        self.journal.texts[name, 1] = name
        self._mine.append(target)
        self._pool.append(target)

    async def _append(self, target: Target) -> None:
        text = f"{self.handle} {self._next()} " + "x" * self._chance.randrange(2_000)
        while True:
            number = target.latest + 1
            input = {"promptId": target.id, "expectedLatest": number - 1, "template": {"text": text}}
            payload, error = await self._do(target.name, f"version {number}", "promptVersionCreate", input)
            if error == "VersionConflictError":
                target.latest = max(target.latest, payload["errors"][0]["latestVersion"]["number"])
                continue
            if not error:
                self._expect(payload["version"]["number"] == number, f"{target.name}: {payload} for {number}")
                self.journal.texts[target.name, number] = text
                target.latest = max(target.latest, number)
            return

    async def _label(self, target: Target) -> None:
        number = self._chance.randint(1, target.latest)
        if target.labels.get(self.handle) != number:
            input = {"promptId": target.id, "name": self.handle, "version": {"number": number}}
            _, error = await self._do(target.name, f"label {self.handle} {number}", "promptLabelSet", input)
            if not error:
                target.labels[self.handle] = number

    async def _rate(self, target: Target) -> None:
        score = target.scores.get(self.handle, 0) % 5 + 1
        input = {"promptId": target.id, "score": score, "version": {"number": (number := target.latest)}}
        _, error = await self._do(target.name, f"rated {number} {score}", "promptRate", input)
        if not error:
            target.scores[self.handle] = score

    async def _update(self, target: Target) -> None:
        title = f"{self.handle} {self._next()}"
        await self._do(target.name, f"title {title}", "promptUpdate", {"promptId": target.id, "title": title}, again=2)

    async def _put_away(self, target: Target) -> None:
        for token, mutation in (("archived", "promptArchive"), ("unarchived", "promptUnarchive")):
            await self._do(target.name, token, mutation, {"promptId": target.id})

    async def _delete(self, target: Target) -> None:
        target.is_going = True
        self._pool.remove(target)
        input = {"promptId": target.id, "confirmName": target.name}
        await self._do(target.name, "deleted", "promptDelete", input, happened="NotFoundError")

    async def _look(self, target: Target) -> None:
        """What was acknowledged before is read, by whoever asks, from now on."""
        latest = target.latest
        prompt = await self._read(target.name, latest)
        if prompt is None:
            self._expect(target.is_going, f"{target.name} is not found")
        else:
            self._expect(prompt["latestVersion"]["number"] >= latest, f"{target.name}: {prompt} after {latest}")
            text = self.journal.texts.get((target.name, latest))
            said = prompt["version"] and prompt["version"]["template"]["text"]
            self._expect(text in (None, said), f"{target.name}: version {latest} says {said!r}")

    async def _read(self, name: str, number: int = 1) -> Any:
        while True:
            try:
                return (await self._send(READ, {"by": {"name": name}, "number": number}, "prompt"))["prompt"]
            except (NotWrittenError, UnknownOutcomeError):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _do(
        self, name: str, token: str, mutation: str, input: Payload, happened: str = "", again: int = 1
    ) -> tuple[Payload, str]:
        """Tries until there is an answer: the payload, and the type of its error where the change was refused.

        After a doubtful try the error `happened` says that it was made by that one. A change that others can undo may
        then be made `again`; every other is made once, however often it is tried.
        """
        conflict = CONFLICT if mutation == "promptVersionCreate" else ""
        errors = f"errors {{ __typename ... on UserError {{ message }} {conflict} }}"
        query = (
            f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) "
            f"{{ {mutation}(input: $input) {{ {FIELDS[mutation]} {errors} }} }}"
        )
        doubts = 0
        while True:
            try:
                payload: Payload = (await self._send(query, {"input": input}, mutation))[mutation]
                break
            except NotWrittenError:
                self.journal.unavailable += 1
            except UnknownOutcomeError:
                doubts += 1
                self.journal.doubtful += 1
            await asyncio.sleep(PAUSE_SECONDS)
        error = payload["errors"][0]["__typename"] if payload["errors"] else ""
        self._note(Deed(name, token, 0, 1 + doubts if again > 1 else 1), error, doubts, happened)
        return payload, error

    def _note(self, deed: Deed, error: str, doubts: int, happened: str) -> None:
        if not error or (doubts and error == happened):
            self.journal.acknowledged += 1
            self.journal.deeds.append(Deed(deed.name, deed.token, 1, deed.most))
        else:
            self.journal.refused += 1
            allowed = error in ("VersionConflictError", "PromptArchivedError", "NotFoundError")
            self._expect(allowed, f"{deed} was refused with {error}")
            if doubts:
                self.journal.deeds.append(deed)

    async def _send(self, query: str, variables: Payload, field: str) -> Payload:
        """The answer's data. Raises NotWrittenError and UnknownOutcomeError."""
        try:
            answer = await self._server.graphql(query, variables, {ACTOR_HEADER: self.handle})
        except aiohttp.ClientConnectorError as error:
            raise NotWrittenError from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnknownOutcomeError from error
        data: Payload = answer.body.get("data") or {}
        if not answer.codes:
            return data
        self._expect(set(answer.codes) <= {"STORE_UNAVAILABLE", "OUTCOME_UNKNOWN"}, f"{query}: {answer.body}")
        paths = [error.get("path", []) for error in answer.body["errors"]]
        # An error below the payload is one of reading what was written.
        if "OUTCOME_UNKNOWN" in answer.codes or data.get(field) or any(len(path) > 1 for path in paths):
            raise UnknownOutcomeError
        raise NotWrittenError

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.journal.surprises.append(f"{self.handle}: {otherwise}")
