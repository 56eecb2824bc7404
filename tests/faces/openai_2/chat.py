"""openai 2 against a running server: `chat.py URL PROMPT` prints what it got."""

import json
import sys
from typing import Any

import openai


def main(url: str, name: str) -> None:
    client = openai.OpenAI(base_url=url, api_key="none-is-needed", max_retries=0)
    fields = {"prompt_id": name, "prompt_variables": {"customer": "Ada"}}
    messages: Any = [{"role": "user", "content": "one two"}]
    whole = client.chat.completions.create(model="", messages=messages, extra_body=fields)
    stream = client.chat.completions.create(model="", messages=messages, stream=True, extra_body=fields)
    words = [chunk.choices[0].delta.content or "" for chunk in stream]
    prompt: Any = {"id": name, "variables": {"customer": "Ada"}}
    response = client.responses.create(prompt=prompt, input="three")
    with client.responses.stream(model="echo", prompt=prompt, input="four five") as events:
        final = events.get_final_response().output_text
    with client.chat.completions.stream(model="", messages=messages, extra_body=fields) as chunks:
        added = chunks.get_final_completion().choices[0].message.content
    models = [model.id for model in client.models.list()]
    try:
        client.chat.completions.create(model="", messages=messages, extra_body={"prompt_id": "nobody"})
        code = None
    except openai.NotFoundError as error:
        code = error.code
    told = {"version": openai.__version__, "whole": whole.choices[0].message.content, "words": words, "code": code}
    used = response.prompt.to_dict() if response.prompt else None
    more = {"prompt": used, "added": added, "models": models}
    print(json.dumps({**told, **more, "response": response.output_text, "streamed": final}))


if __name__ == "__main__":
    main(*sys.argv[1:])
