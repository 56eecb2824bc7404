"""Does with LiteLLM what programs do with prompts, and prints what came of each.

The provider behind it is a stand-in of this script's own, which answers and remembers what it was asked.
"""

import asyncio
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
url, key = sys.argv[1:3]
os.environ |= {"LANGFUSE_HOST": url, "LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": key}

import litellm  # noqa: E402 - the settings above must be there first
from litellm.integrations.generic_prompt_management import GenericPromptManager  # noqa: E402
from litellm.types.prompts.init_prompts import PromptInfo, PromptLiteLLMParams, PromptSpec  # noqa: E402

litellm.suppress_debug_info = True  # it is printed where the answer goes
asked: list[dict[str, Any]] = []


class Provider(BaseHTTPRequestHandler):
    """A chat completion of one word, or an empty response, whatever is asked."""

    def do_POST(self) -> None:
        asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        told = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        if self.path.endswith("/responses"):
            told = {"id": "1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": []}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what is printed is the answer."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
Thread(target=server.serve_forever, daemon=True).start()
provider = {"api_base": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "none"}

OWN = [{"role": "user", "content": "Now"}]
told: dict[str, Any] = {}


def fetch(prompt_id: str, variables: dict[str, Any], **parameters: Any) -> Any:
    manager = GenericPromptManager(
        api_base=url, api_key=key, additional_provider_specific_query_params=parameters or None
    )
    try:
        return manager.get_chat_completion_prompt(
            "own-model", OWN, {}, prompt_id=prompt_id, prompt_variables=variables, dynamic_callback_params={}
        )
    except ValueError as error:
        return str(error)


async def fetch_async(prompt_id: str, **parameters: Any) -> Any:
    spec = PromptSpec(
        prompt_id=prompt_id,
        litellm_params=PromptLiteLLMParams(
            prompt_integration="generic_prompt_management",
            prompt_id=prompt_id,
            provider_specific_query_params=parameters or None,
        ),
        prompt_info=PromptInfo(prompt_type="config"),
    )
    manager = GenericPromptManager(api_base=url, api_key=key)
    return await manager.async_get_chat_completion_prompt(
        "own-model", OWN, {}, prompt_id=prompt_id, prompt_variables={"dish": "soup"},
        dynamic_callback_params={}, litellm_logging_obj=None, prompt_spec=spec,
    )  # fmt: skip


# First what needs no manager of prompts: one that was named stays, also when `callbacks` is emptied.
gateway = {"api_base": f"{url}/v1", "api_key": key}
fields = {"prompt_id": "kitchen/recipe@1", "prompt_variables": {"dish": "soup"}}
prompt = {"id": "kitchen/recipe", "version": "1", "variables": {"dish": "soup"}}
answer = litellm.completion(model="openai/echo", messages=[], extra_body=fields, **gateway)
told["gateway"] = answer.choices[0].message.content
litellm.completion(model="openai/own-model", messages=OWN, **fields, **provider)
told["arguments alone"] = asked.pop()


def say(response: Any) -> str:
    return str(response.output[0].content[0].text)


told["responses"] = say(litellm.responses(model="openai/echo", input="", extra_body=fields, **gateway))
told["responses by prompt"] = say(litellm.responses(model="openai/echo", input="", prompt=prompt, **gateway))
told["aresponses"] = say(asyncio.run(litellm.aresponses(model="openai/echo", input="", prompt=prompt, **gateway)))
told["responses streamed"] = "".join(
    event.delta
    for event in litellm.responses(model="openai/echo", input="", prompt=prompt, stream=True, **gateway)
    if event.type == "response.output_text.delta"
)
try:
    litellm.responses(model="openai/echo", input="", prompt={"id": "kitchen/none"}, **gateway)
except litellm.BadRequestError as error:
    told["responses unknown"] = str(error)

recipe = {"persona": "a cook {dish}", "dish": "soup"}
told["latest"] = fetch("kitchen/recipe", recipe)
told["label"] = fetch("kitchen/recipe", recipe, label="production", project="demo")
for selector in ("kitchen/recipe@1", "kitchen/recipe@production", "kitchen/recipe.v1"):
    told[selector] = fetch(selector, recipe)
told["async"] = asyncio.run(fetch_async("kitchen/recipe", version=1))
told["unknown"] = fetch("kitchen/none", {})

litellm.callbacks = [GenericPromptManager(api_base=url, api_key=key)]
answer = litellm.completion(
    model="openai/own-model", messages=OWN, prompt_id="kitchen/recipe@1", prompt_variables={"dish": "soup"}, **provider
)
told["completion"] = [answer.choices[0].message.content, asked.pop()]
answer = asyncio.run(
    litellm.acompletion(
        model="openai/own-model", messages=OWN, prompt_id="kitchen/json@production", prompt_variables={"dish": "soup"},
        **provider,
    )
)  # fmt: skip
told["acompletion"] = [answer.choices[0].message.content, asked.pop()]
litellm.responses(model="openai/own-model", input="Now", **fields, **provider)
told["managed responses"] = asked.pop()["input"]

for name, prompt_id, label in (("langfuse chat", "kitchen/recipe", None), ("langfuse text", "kitchen/text", "latest")):
    litellm.completion(
        model="langfuse/openai/own-model", messages=OWN, prompt_id=prompt_id, prompt_label=label,
        prompt_variables={"dish": "soup", "persona": "a cook"}, **provider,
    )  # fmt: skip
    told[name] = asked.pop()["messages"]
print(json.dumps(told))
