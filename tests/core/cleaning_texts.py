"""Texts that break cleaners: any code point, and fragments that mean something to one of them."""

from hypothesis import strategies as st

_FRAGMENTS = (
    *("&amp;", "&lt;", "&am", "p;", "&#8203;", "&#38;", "lt;", "\r\n", "\u200b", "\u202e", "\ud800"),
    *(" ", "\u3000", "\xa0", "Mc", "de la", "GmbH", "& Co.", "KG", "AB", "Ltd", "s.p.a.", "A/S", "\u682a"),
    *("(", ")", ",", "Dr.", "PhD", "n\xe9e", "-", "'", "\u2019", "e\u0301", "\xdf", "\u0130", "n/a", "none"),
    *("@", "<", ">", "mailto:", ".", "+", "Eva", "M\xdcLLER", "acme.com", "gmail.com", "00", "49", "030", "x12"),
)

texts = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=3)), max_size=12).map("".join),
)


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
