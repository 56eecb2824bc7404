"""Prompts as files: what each format looks like, how it is read, how it is written.

`formats` names every format that is read, each with its module: `csv_table` the public collections, `json_lines` the
registry's own lines with full history and simple objects, `markdown`, and those of other systems: `langfuse_export`,
`litellm_files`, `google_dotprompt`, `prompty`, `humanloop_prompt` and `prompt_genius`. `reading` reads a
path, `prompt_folder` a folder. All of them give the entries of `entries.py`, each with its place, so that whatever is
refused is found again; `account` gathers what of a foreign file has no place here, line by line. `writing` and
`folders` put files down, whole or not at all, and nowhere but where they were told.

May import templating and domain, and knows no database. Go on to `operations.imports` and
`operations.exports` for what is done with the entries, and to `console` for what a person sees of it.
"""
