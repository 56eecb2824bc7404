"""Texts with `{{variables}}`: reading them, filling them, comparing them. Pure functions, no state.

- `parser` reads the notation, and is its definition; `escape` is its inverse.
- `variables` says what a template needs, and makes a version's content valid.
- `values` checks what callers give and writes it as text; `renderer` puts it in.
- `diff` and `changes` tell what is new between two versions.
- `dollar` reads another notation, `${name:default}`, for imports.
- `handlebars` and `jinja` take texts of those languages apart (`foreign`): what means the same here, and what does not.

It imports `graph.domain` only. Go on to `graph.operations.rendering` for who may render what, and
how a rendering is counted.
"""
