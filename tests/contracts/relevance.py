"""Thirty questions to the real prompts, the answers that a person would expect, and how well an index gives them.

nDCG at 10 says how near the top the expected ones are (1 is perfect), recall at 10 how many of them are on the first
page. `python -m tests.contracts.relevance` prints both for each index and question.
"""

import asyncio
import csv
import math
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from search_sync.index.document import SearchDocument
from search_sync.index.memory import MemoryIndex
from search_sync.index.protocol import Batch, SearchIndex
from search_sync.index.tantivy import TantivyIndex
from tests.contracts.samples import make_document, rank

PROMPTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "prompts.csv"
PAGE = 10

EXPECTED: dict[str, dict[str, int]] = {
    # exact titles
    "linux terminal": {"Linux Terminal": 3},
    "travel guide": {"Travel Guide": 3, "Time Travel Guide": 2},
    "life coach": {"Life Coach": 3, "Life coach": 3},
    "chef": {"Chef": 3, "Personal Chef": 2},
    "Doctor": {"Doctor": 3, "AI Assisted Doctor": 2, "Virtual Doctor": 2},
    "data analyst": {"Data Analyst": 3, "Lead Data Analyst with Data Engineering Expertise": 2},
    "meta-prompt": {"Meta-prompt": 3, "Meta-Prompt Engineer": 2},
    "ux/ui developer": {"UX/UI Developer": 3},
    # beginnings
    "transl": {
        "English Translator and Improver": 2,
        "Biblical Translator": 3,
        "Emoji Translator": 3,
        "Chinese-English Translator": 3,
        "Code Translator: Any Language to Any Language": 2,
        "Chinese to English Translation Assistant": 2,
        "Real-Time Screen Translation Assistant": 2,
    },
    "pyth": {"Python Interpreter": 3, "python": 3, "Create Python Dev Container": 2},
    "kuber": {"Kubernetes & Docker RPG Learning Engine": 3},
    "cover let": {"Cover Letter": 3, "Dynamic Cover Letter Generator": 3},
    "linkedin gh": {"LinkedIn Ghostwriter": 3},
    "psych": {"Psychologist": 3, "Psychology Clinic Assistant": 2},
    # typos
    "lniux terminal": {"Linux Terminal": 3},
    "pyhton interpreter": {"Python Interpreter": 3},
    "nutrionist": {"Nutritionist": 3},
    "accesibility": {
        "Accessibility Auditor": 3,
        "Accessibility Expert": 3,
        "Accessibility Testing Superpower": 3,
    },
    "resturant owner": {"Restaurant Owner": 3},
    "midjorney": {"Midjourney Prompt Generator": 3},
    # topics
    "code review": {
        "Code Reviewer": 2,
        "Code Review Assistant": 3,
        "Code Review Agent": 3,
        "Code Review Expert": 3,
        "Code Review Specialist 2": 3,
        "The Ultimate TypeScript Code Review": 2,
        "UiPath XAML Code Review Specialist": 2,
    },
    "stock market": {"Stock Market Analysis Expert": 3, "Stock Market Analyst: Market Move Suggestions": 3},
    "resume reviewer": {
        "Act as a Resume Reviewer": 3,
        "Act as a Resume Reviewer for Anthropic Fellows Program": 2,
    },
    "unit test": {"Unit Tester Assistant": 3, "Django Unit Test Generator for Viewsets": 3},
    "sql query": {"AI2sql SQL Model — Query Generator": 3, "SQL Query Generator from Natural Language": 3},
    "commit message": {
        "Commit Message Generator": 3,
        "Conventional Commit Message Generator": 3,
        "Commit Message Preparation": 3,
        "Developer Work Analysis from Git Diff and Commit Message": 2,
    },
    "ankara night": {
        "Ankara Night Scene in a Meyhane": 3,
        "Night Balcony Scene in Ankara with Efes": 3,
        "Cozy Night in Ankara: A Turkish TV Series Snapshot": 3,
        "Cozy Ankara Night: Capturing a Realistic Bedroom Scene": 3,
        "Ultra-Realistic Ankara Apartment Night Scene": 3,
    },
    "solidity smart contract": {"Ethereum Developer": 3},
    # other languages
    "翻译": {"Readability Logic Simulator - 全功能翻译版": 3},
    "creer carte mentale": {"Créer une Carte Mentale pour Séance d'Idéation": 3},
}
"""What each question should bring, by title: 3 is what was meant, 2 is good to see as well."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Both from 0 to 1."""

    gain: float
    recall: float


def read_prompts() -> list[SearchDocument]:
    """The real prompts as documents; the number of the row is the id."""
    csv.field_size_limit(10**7)
    with PROMPTS.open(encoding="utf-8", newline="") as file:
        return [
            make_document(
                f"{number:04}",
                name=f"{' '.join(row['act'].replace('/', '-').replace('|', '-').split())} {number}",
                title=row["act"].strip(),
                text=row["prompt"],
                tags=(row["type"].lower(),),
                author=row["contributor"],
                updated_at=number,
            )
            for number, row in enumerate(csv.DictReader(file))
        ]


async def mark(index: SearchIndex, documents: list[SearchDocument]) -> dict[str, Marks]:
    """The marks of every question, asked of an index that holds these documents."""
    titles = {document.id: document.title for document in documents}
    found = {query: [titles[key] for key in await rank(index, query, limit=PAGE)] for query in EXPECTED}
    return {query: _mark(found[query], expected) for query, expected in EXPECTED.items()}


def total(marks: Mapping[str, Marks]) -> Marks:
    """The means over all questions."""
    return Marks(fmean(one.gain for one in marks.values()), fmean(one.recall for one in marks.values()))


def _mark(found: list[str], expected: dict[str, int]) -> Marks:
    ideal = _discount(sorted(expected.values(), reverse=True)[:PAGE])
    return Marks(
        _discount([expected.get(title, 0) for title in found]) / ideal,
        len(expected.keys() & set(found)) / min(PAGE, len(expected)),
    )


def _discount(gains: list[int]) -> float:
    return math.fsum((2**gain - 1) / math.log2(place + 2) for place, gain in enumerate(gains))


async def report() -> str:
    """A table of both embedded indexes."""
    documents = read_prompts()
    lines = []
    with tempfile.TemporaryDirectory() as place:
        indexes: dict[str, SearchIndex] = {
            "memory": MemoryIndex(),
            "tantivy": await TantivyIndex.open(Path(place, "index")),
        }
        for kind, index in indexes.items():
            await index.write(Batch(documents=documents))
            marks = await mark(index, documents)
            lines += [
                f"{kind:8} {query:26} nDCG {one.gain:.3f} recall {one.recall:.2f}" for query, one in marks.items()
            ]
            lines.append(f"{kind:8} {'ALL':26} nDCG {total(marks).gain:.3f} recall {total(marks).recall:.2f}")
            await index.close()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(report()))
