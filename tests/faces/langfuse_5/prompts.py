"""Does with Langfuse's own SDK what programs do with prompts, and prints what came of each."""

import json
import sys
from typing import Any

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
print(json.dumps(told))
