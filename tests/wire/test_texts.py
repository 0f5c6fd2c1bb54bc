"""Texts are cut, and put into markup, without a letter of them becoming anything else."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from syncd.connector import CUT, cut_line, cut_text, cut_utf16, html_text, utf16_units

HOSTILE = st.text(st.sampled_from("<>&'\"ab\n") | st.characters(codec="utf-8"), max_size=200)


class Tags(HTMLParser):
    """Which elements a browser would see, and the text between them."""

    def __init__(self, shown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(shown)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE)
def test_text_shows_as_it_was_typed(text: str) -> None:
    shown = Tags(html_text(text, 65_536))

    assert set(shown.tags) <= {"br"}
    assert shown.text == "\n".join(text.splitlines())


@given(HOSTILE, st.integers(len(CUT), 60))
def test_long_text_is_cut_between_entities(text: str, most: int) -> None:
    shown = html_text(text, most)

    assert len(shown) <= most
    assert "\n".join(text.splitlines()).startswith(Tags(shown.removesuffix(CUT)).text)
    assert set(Tags(shown).tags) <= {"br"}


@given(st.text(max_size=30), st.integers(8, 40))
def test_cut_text_is_never_longer_than_allowed(text: str, most: int) -> None:
    shown = cut_text(text, most)

    assert len(shown) <= max(most, len(CUT))
    assert (shown == text) == (len(text) <= most)


@given(HOSTILE, st.integers(8, 40))
def test_a_line_is_one(text: str, most: int) -> None:
    line = cut_line(text, most)

    assert len(line) <= most
    assert len(line.splitlines()) <= 1


@given(st.text(max_size=60), st.integers(1, 40))
def test_text_cut_as_utf_16_counts_is_never_longer_than_allowed(text: str, length: int) -> None:
    assert utf16_units(cut_utf16(text, length)) <= length
    assert cut_utf16(text, utf16_units(text) or 1) == text
