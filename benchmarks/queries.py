"""The GraphQL that is measured."""

FIELDS = """
  id name title tags
  latestVersion { number digest createdAt template { ... on TextTemplate { text } } }
"""

ONE = f"query One($name: String!) {{ prompt(by: {{name: $name}}) {{ {FIELDS} }} }}"

PAGE = f"{{ prompts(first: 20) {{ nodes {{ {FIELDS} }} }} }}"

CREATE = """
mutation Create($input: PromptCreateInput!) {
  promptCreate(input: $input) { prompt { id } errors { ... on UserError { message } } }
}
"""

APPEND = """
mutation Append($input: PromptVersionCreateInput!) {
  promptVersionCreate(input: $input) { version { number } isNew errors { ... on UserError { message } } }
}
"""

RATE = """
mutation Rate($input: PromptRateInput!) {
  promptRate(input: $input) { rating { score } errors { ... on UserError { message } } }
}
"""

SEARCH = """
query Search($text: String!) {
  promptSearch(query: $text) {
    totalCount
    edges { score node { id name title tags } }
    facets(fields: [TAG, CATEGORY, FOLDER]) { field values { value count } }
  }
}
"""
