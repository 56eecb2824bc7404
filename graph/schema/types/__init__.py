"""The nouns of the schema. Each type has a constructor `of` that takes the domain's object.

`prompt` holds the types that name each other (Prompt, PromptVersion, Label, LabelMove, Rating); the leaves are in
`template`, `rating`, `actor` and `enums`, the inputs that select in `selectors`.
"""
