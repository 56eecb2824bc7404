"""Texts and contents for the properties of this room. Its texts are rich in what could go wrong."""

from hypothesis import settings
from hypothesis import strategies as st

from graph.domain.limits import Limits
from graph.domain.prompts import VersionDraft
from graph.domain.templates import Content, PromptTemplate, TextTemplate, Variable
from graph.templating.variables import build_content

LIMITS = Limits()

quick = settings(max_examples=150, deadline=None)  # a slow machine is no failure

NAMES = st.sampled_from(["a", "b", "user_name", "x.y", "_", "Z-9"])

texts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{",
                "{{",
                "}}",
                "}",
                "\\",
                "\\{{",
                "\\\\{{",
                "{{a}}",
                "{{> c@d}}",
                "{{>",
                "{{ b }}",
                "{{{x.y}}}",
                " ",
                "\n",
                "a",
                "é😀",
            ]
        ),
        st.text(max_size=4),
    ),
    max_size=14,
).map("".join)

plain_texts = texts.filter(lambda text: "{{" not in text)


def content_of(template: PromptTemplate | str, *declared: Variable) -> Content:
    """A version's content as the operations build it."""
    if isinstance(template, str):
        template = TextTemplate(template)
    return build_content(VersionDraft(template, declared), LIMITS)
