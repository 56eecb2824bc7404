"""Prompts as files: what each format looks like, how it is read, how it is written.

`reading.py` picks the format by the path. `csv_table` reads the public collections, `json_lines` the registry's
own lines with full history and simple objects, `markdown_folder` a folder of Markdown with front matter; all
of them give the entries of `entries.py`, each with its place, so that whatever is refused is found again.
`writing` and `folders` put files down, whole or not at all, and nowhere but where they were told.

May import templating and domain, and knows no database. Go on to `operations.imports` and
`operations.exports` for what is done with the entries, and to `console` for what a person sees of it.
"""
