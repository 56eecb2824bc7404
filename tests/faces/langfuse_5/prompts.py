"""Does with Langfuse's own SDK what programs do with prompts, and prints what came of each."""

import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from langfuse import Langfuse
from langfuse.api import NotFoundError

url, key, folder = sys.argv[1:4]
langfuse = Langfuse(public_key="anything", secret_key=key, base_url=url, tracing_enabled=False)
told: dict[str, Any] = {"auth": langfuse.auth_check()}


def show(prompt: Any) -> dict[str, Any]:
    facts = ("name", "version", "prompt", "config", "labels", "tags", "commit_message", "is_fallback")
    return {fact: getattr(prompt, fact) for fact in facts} | {"variables": prompt.variables}


def ask(name: str, **selector: Any) -> Any:
    # Without the retries that a 404 costs it by itself, with pauses in between.
    return langfuse.get_prompt(name, cache_ttl_seconds=0, max_retries=0, **selector)


# What GraphQL has written.
told["by default"] = show(ask(f"{folder}/greet"))
told["by version"] = show(ask(f"{folder}/greet", version=2))
told["by label"] = show(ask(f"{folder}/greet", label="latest"))
told["compiled"] = ask(f"{folder}/greet").compile(name="Ada {{name}}")
told["selector"] = show(ask(f"{folder}/greet@2"))

# What Langfuse writes.
text = langfuse.create_prompt(
    name=f"{folder}/deep/text", prompt=r"Say \{{word}} and {{ other }}", labels=["production"], tags=["a", folder],
    config={"model": "gpt-4o-mini", "temperature": 0.5, "nested": {"any": [1, None]}}, commit_message="first",
)  # fmt: skip
told["created text"] = show(text)
again = langfuse.create_prompt(name=f"{folder}/deep/text", prompt="Two {{word}}", labels=["staging"])
told["second version"] = show(again)
told["read back"] = show(ask(f"{folder}/deep/text"))
told["labels"] = langfuse.update_prompt(name=f"{folder}/deep/text", version=2, new_labels=["production", "blue"]).labels
told["moved"] = show(ask(f"{folder}/deep/text"))
chat = langfuse.create_prompt(
    name=f"{folder}/chat", type="chat", labels=["production"], tags=[folder],
    prompt=[
        {"role": "system", "content": "You are {{persona}}."},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{q}}"},
    ],
)  # fmt: skip
told["created chat"] = show(chat)
history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
told["filled"] = ask(f"{folder}/chat", type="chat").compile(persona="Ada", q="Role: system", history=history)

pages = [langfuse.api.prompts.list(tag=folder, limit=1, page=page) for page in (1, 2)]
told["pages"] = [[prompt.name for prompt in page.data] for page in pages]
told["meta"] = pages[0].meta.model_dump()
[line] = langfuse.api.prompts.list(name=f"{folder}/deep/text").data
told["line"] = [line.type, line.versions, line.labels, line.tags, line.last_config]
told["by label"] = told["by label"] | {"listed": len(langfuse.api.prompts.list(tag=folder, label="blue").data)}

try:
    ask(f"{folder}/none")
except NotFoundError as error:
    told["not found"] = error.body
told["fallback"] = show(ask(f"{folder}/none", fallback="Hello {{name}}"))
langfuse.api.prompts.delete(f"{folder}/chat")
try:
    ask(f"{folder}/chat", type="chat")
except NotFoundError as error:
    told["deleted"] = error.body["error"]

# Names that a URL has to write otherwise.
told["odd"] = []
for odd in ("a b", "100%", "a+b/c", "ü#?", "x@y", "a%2Fb", "v/versions/1"):
    name = f"{folder}/odd/{odd}"
    langfuse.create_prompt(name=name, prompt=odd, labels=["production"])
    langfuse.update_prompt(name=name, version=1, new_labels=["blue"])
    listed = [one.name for one in langfuse.api.prompts.list(name=name).data]
    told["odd"].append([ask(name).prompt == odd, ask(name, label="blue").name == name, listed == [name]])
    langfuse.api.prompts.delete(quote(name, safe=""))  # which the generated client leaves to its caller

# What is refused, and what includes another prompt.
tag = f"@@@langfusePrompt:name={folder}/greet|version=2@@@"
name = f"{folder}/including"
langfuse.create_prompt(name=name, prompt=f"First: {tag}", labels=["production"])
told["resolved"] = ask(name).prompt
told["raw"] = langfuse.api.prompts.get(name, resolve=False).prompt == f"First: {tag}"
told["graph"] = langfuse.api.prompts.get(name).resolution_graph is not None


def refusal(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - whichever class the SDK has for it
        return [type(error).__name__, getattr(error, "body", {})["code"]]


told["refused"] = [
    refusal(lambda: langfuse.update_prompt(name=name, version=1, new_labels=["latest"])),
    refusal(lambda: langfuse.api.prompts.delete(name, version=1)),
    refusal(lambda: langfuse.create_prompt(name=name, prompt=f"@@@langfusePrompt:name={name}|version=1@@@")),
    refusal(lambda: langfuse.api.prompts.delete(f"{folder}/greet", request_options={"max_retries": 0})),
]

# With tracing on, as it is unless somebody says otherwise: what is sent is refused, and the program goes on.
tracer = Langfuse(public_key="tracer", secret_key=key, base_url=url)
with tracer.start_as_current_observation(name="a generation", as_type="generation") as generation:
    prompt = tracer.get_prompt(f"{folder}/greet", cache_ttl_seconds=0)
    generation.update(prompt=prompt, output=prompt.compile(name="Ada"))
tracer.create_score(name="good", value=1.0, trace_id="a" * 32)
tracer.flush()
tracer.shutdown()
told["traced"] = prompt.compile(name="Ada")
print(json.dumps(told))
