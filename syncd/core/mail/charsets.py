"""Bytes of a mail as text, whatever they are said to be. Never fails; what nobody can read becomes U+FFFD."""

import re

from charset_normalizer import from_bytes


def decoded(data: bytes, charset: str = "") -> str:
    """By the charset it is said to be in, where it fits; then UTF-8; then what the bytes look like.

    NUL, which no store takes, is left out, and half a surrogate pair (UTF-7 can hold one) becomes U+FFFD.
    """
    text = _read(data, charset).replace("\0", "")
    return _HALF_PAIR.sub("\ufffd", text)


def _read(data: bytes, charset: str) -> str:
    name = python_name(charset)
    if data[:2] in _UTF16_MARKS:
        name = "utf-16"
    for candidate in (name, "utf-8"):
        text = _strictly(data, candidate) if candidate else None
        if text is not None:
            return text.removeprefix("\ufeff")
    mended = data.decode(name, "replace") if name in _MULTI_BYTE else ""
    return mended if set(mended) - _SAID_NOTHING else _guessed(data)


def python_name(charset: str) -> str:
    """The codec for a charset as mails name it (`X-GBK`, `ks_c_5601-1987`, `"utf-8;`); empty when there is none."""
    plain = charset.strip(" \t\r\n\"';,").lower().split(";")[0].replace("_", "-").strip()
    plain = _ALIASES.get(plain) or _ALIASES.get(plain.removeprefix("x-")) or plain
    return plain if _TEXT_CODEC.fullmatch(plain) else ""


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError):
        return None


def _guessed(data: bytes) -> str:
    """Text in Latin letters is nearly always cp1252; for anything else the letters are counted."""
    sample = data[:_SAMPLE]
    high = len(sample.translate(None, _ASCII))
    if high * 4 < len(sample):
        return data.decode("cp1252", "replace")
    best = from_bytes(sample).best()
    return data.decode(best.encoding if best else "utf-8", "replace")


_HALF_PAIR = re.compile("[\ud800-\udfff]")
_SAID_NOTHING = {
    "\ufffd",
    *map(chr, range(128)),
}  # of these alone, not one letter was in the charset it is said to be in
_SAMPLE = 4096  # enough to tell, and little enough to be quick
_ASCII = bytes(range(128))
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MULTI_BYTE = frozenset(
    {"utf-8", "utf-16", "gb18030", "big5", "big5hkscs", "cp932", "cp949", "euc-jp", "euc-kr", "iso-2022-jp"}
)
_ALIASES = {
    "ascii": "us-ascii", "ansi-x3.4-1968": "us-ascii", "us-ascii": "us-ascii",
    "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "utf8mb4": "utf-8",
    "latin1": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "ansi": "cp1252", "windows-1252": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6",
    "gbk": "gb18030", "gb2312": "gb18030", "gb-2312": "gb18030", "gb2312-80": "gb18030", "cp936": "gb18030",
    "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "windows-949": "cp949",
    "sjis": "cp932", "shift-jis": "cp932", "ms-kanji": "cp932", "windows-31j": "cp932", "cp932": "cp932",
    "euc": "euc-jp", "big5-hkscs": "big5hkscs", "big5": "big5hkscs",
    "mac-roman": "mac-roman", "macintosh": "mac-roman", "mac": "mac-roman", "tis620": "tis-620",
    "iso-2022-jp": "iso-2022-jp-2004", "cp1250": "cp1250", "cp-850": "cp850", "ibm850": "cp850",
}  # fmt: skip
"""As browsers and mail programs read them: the wider set of the same family."""

_TEXT_CODEC = re.compile(
    r"us-ascii|utf-(?:7|8|16|32)(?:-?[lb]e)?|(?:iso-?)?8859-\d{1,2}|iso-?8859-\d{1,2}|(?:windows-|cp)\d{3,4}|koi8-[rut]"
    r"|gb18030|hz|big5(?:hkscs)?|euc-(?:jp|kr)|iso-2022-(?:jp(?:-[123]|-2004|-ext)?|kr)|johab|tis-620|mac-[a-z]{4,10}"
    r"|kz-1048|ptcp154"
)
"""Codecs that make text of bytes and nothing else: Python has others under the same roof (zlib, unicode_escape)."""
