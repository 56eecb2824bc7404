"""Does with Langfuse's own SDK what programs do with prompts, and prints what came of each."""

import json
import sys
from typing import Any

from langfuse import Langfuse
from langfuse.api import NotFoundError

url, key = sys.argv[1:3]
langfuse = Langfuse(public_key="anything", secret_key=key, base_url=url, tracing_enabled=False)
told: dict[str, Any] = {"auth": langfuse.auth_check()}


def show(prompt: Any) -> dict[str, Any]:
    facts = ("name", "version", "prompt", "config", "labels", "tags", "commit_message", "is_fallback")
    return {fact: getattr(prompt, fact) for fact in facts} | {"variables": prompt.variables}


def ask(name: str, **selector: Any) -> Any:
    return langfuse.get_prompt(name, cache_ttl_seconds=0, **selector)


# What GraphQL has written.
told["by default"] = show(ask("support/greet"))
told["by version"] = show(ask("support/greet", version=2))
told["by label"] = show(ask("support/greet", label="latest"))
told["compiled"] = ask("support/greet").compile(name="Ada {{name}}")
told["selector"] = show(ask("support/greet@2"))

# What Langfuse writes.
text = langfuse.create_prompt(
    name="lf/deep/text", prompt=r"Say \{{word}} and {{ other }}", labels=["production"], tags=["a", "b"],
    config={"model": "gpt-4o-mini", "temperature": 0.5, "nested": {"any": [1, None]}}, commit_message="first",
)  # fmt: skip
told["created text"] = show(text)
again = langfuse.create_prompt(name="lf/deep/text", prompt="Two {{word}}", labels=["staging"])
told["second version"] = show(again)
told["read back"] = show(ask("lf/deep/text"))
told["labels"] = langfuse.update_prompt(name="lf/deep/text", version=2, new_labels=["production", "blue"]).labels
told["moved"] = show(ask("lf/deep/text"))
chat = langfuse.create_prompt(
    name="lf/chat", type="chat", labels=["production"],
    prompt=[
        {"role": "system", "content": "You are {{persona}}."},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{q}}"},
    ],
)  # fmt: skip
told["created chat"] = show(chat)
history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
told["filled"] = ask("lf/chat", type="chat").compile(persona="Ada", q="Role: system", history=history)

pages = [langfuse.api.prompts.list(limit=2, page=page) for page in (1, 2)]
told["pages"] = [[prompt.name for prompt in page.data] for page in pages]
told["meta"] = pages[0].meta.model_dump()
[line] = langfuse.api.prompts.list(name="lf/deep/text").data
told["line"] = [line.type, line.versions, line.labels, line.tags, line.last_config]
told["by tag"] = [prompt.name for prompt in langfuse.api.prompts.list(tag="b").data]

try:
    ask("lf/none")
except NotFoundError as error:
    told["not found"] = error.body
told["fallback"] = show(ask("lf/none", fallback="Hello {{name}}"))
langfuse.api.prompts.delete("lf/chat")
try:
    ask("lf/chat", type="chat")
except NotFoundError as error:
    told["deleted"] = error.body["error"]
print(json.dumps(told))
