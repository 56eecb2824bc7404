"""What words find in every index: whole words, beginnings and typos, and which hit comes first."""

import pytest

from search_sync.index.protocol import SearchIndex
from tests.contracts.samples import fill, find, make_document, rank

FOUND = [
    # a query, a text, and whether it is found
    ("translator", "an English translator", True),
    ("TRANSLATOR", "an English translator", True),
    ("english translator", "an English translator", True),
    ("translator english", "an English translator", True),
    ("english german", "an English translator", False),
    # the last word may be a beginning
    ("transl", "an English translator", True),
    ("t", "an English translator", True),
    ("transl ", "an English translator", False),
    ("transl, ", "an English translator", False),
    ("transl english", "an English translator", False),
    ("anslator", "an English translator", False),
    # one typo from four letters
    ("tarvel ", "travel guide", True),
    ("travvel ", "travel guide", True),
    ("trvel ", "travel guide", True),
    ("trabel ", "travel guide", True),
    ("trabell ", "travel guide", False),
    ("gyide", "travel guide", True),
    ("cods ", "my code", True),
    ("cos ", "my cod", False),
    ("cod ", "my cods", False),
    # two from eight
    ("translatro ", "an English translator", True),
    ("tranlsatro ", "an English translator", True),
    ("tranlsatrro ", "an English translator", False),
    ("developeers ", "a developer", True),
    ("devloper", "a developer", True),
    # a typo in the first letter counts double
    ("bravel ", "travel guide", False),
    ("rtavel ", "travel guide", False),
    ("branslator ", "an English translator", True),
    ("ranslator ", "an English translator", True),
    ("branslatro ", "an English translator", False),
    # beginnings may have typos as well
    ("trabs", "an English translator", True),
    ("trad", "an English translator", True),
    ("tra d", "an English translator", False),
    # numbers have none
    ("2024", "in 2025", False),
    ("20", "in 2025", True),
    # scripts
    ("ecole", "l'École normale", True),
    ("ÉCOLE", "l'ecole normale", True),
    ("e\u0301cole", "l'\u00c9cole", True),
    ("strasse", "die Straße", True),
    ("привет", "Привет, мир", True),
    ("превет", "Привет, мир", True),
    ("翻译", "请把它翻译成英文", True),
    ("译", "请把它翻译成英文", True),
    ("译翻", "请把它翻译成英文", False),
    ("翻译英文", "请把它翻译成英文", False),
    ("프롬", "프롬프트 작성", True),
    ("שלום", "שָׁלוֹם עולם", True),
    ("हिन्दी", "मेरी हिन्दी पुस्तक", True),
    ("🚀", "to the moon 🚀!", True),
    ("🛸", "to the moon 🚀!", False),
    ("snake case", "a snake_case name", True),
    ("snake_case", "a snake case", True),
]


@pytest.mark.parametrize(("query", "text", "is_found"), FOUND)
async def test_words_find_what_they_should(index: SearchIndex, query: str, text: str, is_found: bool) -> None:
    await fill(index, make_document("hit", name="p", text=text), make_document("other", name="q", text="nothing"))
    assert await find(index, query) == (["hit"] if is_found else [])


@pytest.mark.parametrize("field", ["name", "title", "description", "text"])
async def test_every_field_is_searched(index: SearchIndex, field: str) -> None:
    await fill(index, make_document("hit", **{"name": "p", "title": "p", field: "zebra"}), make_document("other"))
    assert await find(index, "zebra") == ["hit"]
    assert await find(index, "zeb") == ["hit"]
    assert await find(index, "zebta") == ["hit"]


async def test_tags_and_variables_are_searched(index: SearchIndex) -> None:
    await fill(index, make_document("tag", tags=("big cat",)), make_document("variable", variables=("wild.cat",)))
    assert await find(index, "cat") == ["tag", "variable"]


async def test_words_may_be_spread_over_fields(index: SearchIndex) -> None:
    await fill(index, make_document("hit", name="mail/reply", tags=("refund",), text="Dear {{customer}}"))
    assert await find(index, "refund reply customer") == ["hit"]
    assert await find(index, "refund reply nobody") == []


async def test_only_the_first_ten_words_are_read(index: SearchIndex) -> None:
    await fill(index, make_document("hit", text="a b c d e f g h i j"))
    assert await find(index, "a b c d e f g h i j unheard") == ["hit"]
    assert await find(index, "a b c d e f g h i unheard") == []


@pytest.mark.usefixtures("_ranked_by_us")
async def test_an_exact_name_comes_first_whatever_else_says_it_louder(index: SearchIndex) -> None:
    loud = "python interpreter " * 20
    await fill(
        index,
        make_document("loud", name="loud", title="Python Interpreter Python Interpreter", text=loud, usage=99),
        make_document("longer", name="python-interpreter-2", title="Python Interpreter"),
        make_document("exact", name="python-interpreter", title="Something", updated_at=1),
        make_document("below", name="code/python-interpreter", title="Something", updated_at=0),
    )
    assert (await rank(index, "python interpreter"))[:2] == ["exact", "below"]
    assert (await rank(index, "Python-Interpreter"))[:2] == ["exact", "below"]


@pytest.mark.usefixtures("_ranked_by_us")
async def test_name_comes_before_title_before_description_before_text(index: SearchIndex) -> None:
    filling = "one two three four"
    plain = {"name": "n", "title": "t", "description": "d", "text": filling}
    for field in ("text", "description", "title", "name"):
        await fill(index, make_document(field, **{**plain, field: f"{filling} zebra"}))
    await fill(index, make_document("tags", **plain, tags=("zebra",)))
    await fill(index, *(make_document(f"{at}", **plain) for at in range(20)))
    ranked = await rank(index, "zebra")
    assert ranked[:2] == ["name", "title"]
    assert sorted(ranked[2:4]) == ["description", "tags"]
    assert ranked[4:] == ["text"]


@pytest.mark.usefixtures("_ranked_by_us")
async def test_exact_comes_before_prefix_before_typo(index: SearchIndex) -> None:
    await fill(
        index,
        make_document("typo", name="t", text="plate of glass", updated_at=9),
        make_document("prefix", name="p", text="planes of glass", updated_at=8),
        make_document("exact", name="e", text="plane of glass", updated_at=7),
        *(make_document(f"{at}", text="other words here") for at in range(20)),
    )
    assert await rank(index, "plane") == ["exact", "prefix", "typo"]


async def test_a_word_that_is_nowhere_finds_nothing(index: SearchIndex) -> None:
    await fill(index, make_document("a", text="one"))
    assert await find(index, "one unheard") == []
