"""The registry's own line: a prompt with its whole history as one JSON object.

`{"promptgraph": 1, "name", "title", "description", "category", "tags", "metadata", "visibility", "author",
"createdAt", "updatedAt", "archivedAt", "forkedFrom": {"name", "number"}, "labels": [{"name", "version", "movedAt",
"movedBy"}], "versions": [{"number", "template", "variables", "modelSettings", "changeNote", "createdAt",
"author"}]}`; people and services are `{"kind", "handle", "displayName"}`. `versions` comes last, so that a long
history is written piece by piece. Ratings, usage, events and keys are not in it.
"""

from typing import Any

from graph.domain.actors import ActorKind
from graph.domain.errors import InvalidInputError
from graph.domain.json_values import JSONObject, compact_json
from graph.domain.names import last_segment
from graph.domain.prompts import VersionDraft, Visibility
from graph.domain.templates import settings_to_json, template_to_json, variable_to_json
from graph.exchange.content import read_settings, read_template, read_variables
from graph.exchange.entries import ForkSource, History, PastLabel, PastPrompt, PastVersion, Person
from graph.exchange.shapes import Fields, write_time

FORMAT = 1
MARK = "promptgraph"


def prompt_to_text(prompt: PastPrompt) -> str:
    """The line's beginning, up to where the versions go."""
    return compact_json(_prompt_to_json(prompt))[:-1] + ',"versions":['


def version_to_text(version: PastVersion) -> str:
    """One version; a comma goes between two."""
    return compact_json(_version_to_json(version))


LINE_END = "]}\n"


def history_to_line(history: History) -> str:
    """The whole line."""
    return prompt_to_text(history.prompt) + ",".join(map(version_to_text, history.versions)) + LINE_END


def _prompt_to_json(prompt: PastPrompt) -> JSONObject:
    source = prompt.forked_from
    return {
        MARK: FORMAT,
        "name": prompt.name,
        "title": prompt.title,
        "description": prompt.description,
        "category": prompt.category,
        "tags": list(prompt.tags),
        "metadata": prompt.metadata,
        "visibility": prompt.visibility.value,
        "author": _person_to_json(prompt.author),
        "createdAt": write_time(prompt.created_at),
        "updatedAt": write_time(prompt.updated_at),
        "archivedAt": write_time(prompt.archived_at) if prompt.archived_at else None,
        "forkedFrom": {"name": source.name, "number": source.number} if source else None,
        "labels": [_label_to_json(label) for label in prompt.labels],
    }


def _label_to_json(label: PastLabel) -> JSONObject:
    return {
        "name": label.name,
        "version": label.version,
        "movedAt": write_time(label.moved_at),
        "movedBy": _person_to_json(label.moved_by),
    }


def _version_to_json(version: PastVersion) -> JSONObject:
    draft = version.draft
    return {
        "number": version.number,
        "template": template_to_json(draft.template),
        "variables": [variable_to_json(variable) for variable in draft.variables],
        "modelSettings": settings_to_json(draft.model_settings) if draft.model_settings else None,
        "changeNote": draft.change_note,
        "createdAt": write_time(version.created_at),
        "author": _person_to_json(version.author),
    }


def _person_to_json(person: Person | None) -> JSONObject | None:
    if person is None:
        return None
    return {"kind": person.kind.value, "handle": person.handle, "displayName": person.display_name}


def history_from_json(value: Any, place: str) -> History:
    """The inverse. Raises InvalidInputError when the shape is another; the rules of a prompt are not looked at."""
    fields = Fields(value)
    if (version := fields.optional(MARK, int)) not in (None, FORMAT):
        raise InvalidInputError(f"This is format {version}; format {FORMAT} is read here. Update Promptgraph.", (MARK,))
    versions = tuple(_read_version(one) for one in fields.objects("versions"))
    prompt = _read_prompt(fields)
    fields.finish()
    if [one.number for one in versions] != list(range(1, len(versions) + 1)) or not versions:
        raise InvalidInputError("Versions are numbered from 1 without a gap, oldest first.", ("versions",))
    for label in prompt.labels:
        if not 1 <= label.version <= len(versions):
            raise InvalidInputError(f"The label {label.name!r} points at no version of this history.", ("labels",))
    return History(place, prompt, versions)


def _read_prompt(fields: Fields) -> PastPrompt:
    name = fields.required("name", str)
    return PastPrompt(
        name=name,
        title=fields.optional("title", str) or last_segment(name),
        description=fields.optional("description", str),
        category=fields.optional("category", str),
        tags=fields.strings("tags"),
        metadata=fields.json("metadata") or {},
        visibility=read_visibility(fields) or Visibility.PRIVATE,
        author=_read_person(fields.child("author")),
        created_at=fields.time("createdAt"),
        updated_at=fields.time("updatedAt"),
        archived_at=fields.optional_time("archivedAt"),
        forked_from=_read_source(fields.child("forkedFrom")),
        labels=tuple(_read_label(label) for label in fields.objects("labels")),
    )


def read_visibility(fields: Fields) -> Visibility | None:
    """`public` or `private`, in any case."""
    value = fields.optional("visibility", str)
    try:
        return None if value is None else Visibility(value.lower())
    except ValueError:
        raise InvalidInputError("A visibility is public or private.", (*fields.path, "visibility")) from None


def _read_version(fields: Fields) -> PastVersion:
    template = fields.child("template")
    if template is None:
        raise InvalidInputError("This is missing.", (*fields.path, "template"))
    version = PastVersion(
        number=fields.required("number", int),
        draft=VersionDraft(
            template=read_template(template),
            variables=read_variables(fields),
            model_settings=read_settings(fields.child("modelSettings")),
            change_note=fields.optional("changeNote", str),
        ),
        created_at=fields.time("createdAt"),
        author=_read_person(fields.child("author")),
    )
    fields.finish()
    return version


def _read_label(fields: Fields) -> PastLabel:
    label = PastLabel(
        name=fields.required("name", str),
        version=fields.required("version", int),
        moved_at=fields.time("movedAt"),
        moved_by=_read_person(fields.child("movedBy")),
    )
    fields.finish()
    return label


def _read_source(fields: Fields | None) -> ForkSource | None:
    if fields is None:
        return None
    source = ForkSource(fields.required("name", str), fields.required("number", int))
    fields.finish()
    return source


def _read_person(fields: Fields | None) -> Person | None:
    if fields is None:
        return None
    kind, handle = fields.required("kind", str).lower(), fields.required("handle", str)
    if kind not in set(ActorKind):
        raise InvalidInputError("A kind of actor is user or service.", (*fields.path, "kind"))
    person = Person(ActorKind(kind), handle, fields.optional("displayName", str) or handle)
    fields.finish()
    return person
