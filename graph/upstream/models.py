"""Which model a call really goes to: names of our own, and who steps in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PROMPTS_OWN = "promptgraph"


@dataclass(frozen=True, slots=True)
class ModelNames:
    """`aliases` gives the provider's name for a name of ours; `fallbacks` who is tried when a model cannot answer."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    default: str | None = None

    def choose(self, asked: object, own: str | None) -> object:
        """The caller's model, or the prompt's own where the caller leaves it out or says `promptgraph`."""
        return (own or self.default) if asked in (None, "", PROMPTS_OWN) else asked

    def candidates(self, model: str) -> list[str]:
        """The provider's names for the model and for those that step in, in order, none twice."""
        asked = [model, *self.fallbacks.get(model, ())]
        return list(dict.fromkeys(self.aliases.get(name, name) for name in asked))
