"""Which scripts a text is written in: letters that pose as others, and texts no form expects.

Only the first TEXT_WITHIN characters are looked at, in time proportional to their number.
"""

import re

TEXT_WITHIN = 20_000


def has_disguised_word(text: str) -> bool:
    """Whether Cyrillic letters that look Latin hide inside a Latin word, to get past word lists."""
    return not text.isascii() and _DISGUISED.search(text[:TEXT_WITHIN]) is not None


def is_foreign(text: str, languages: frozenset[str]) -> bool:
    """Whether most of a longer text is in a script that none of the languages is written in.

    Languages are codes ("de", "pt-BR"). Latin is at home everywhere; no languages: nothing is foreign.
    """
    if not languages or text.isascii() or _letters(_BEYOND_LATIN, text) < _FEW:
        return False
    home = {_SCRIPT_OF.get(language[:2].lower(), "") for language in languages}
    counts = {script: _letters(pattern, text) for script, pattern in _SCRIPTS.items()}
    foreign = sum(count for script, count in counts.items() if script not in home)
    return foreign >= _FEW and foreign > sum(counts.values()) - foreign + _letters(_LATIN, text)


def _letters(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text[:TEXT_WITHIN])))


# Cyrillic letters that stand for Latin ones at a glance. A Russian ending on a Latin word has others too.
_LOOKALIKES = (
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
)
_DISGUISED = re.compile(rf"[A-Za-z][{_LOOKALIKES}]+[A-Za-z]|(?<!\w)[{_LOOKALIKES}]+[a-z]{{2}}")

_FEW = 10  # letters that anybody may quote
_BEYOND_LATIN = re.compile("[\u0370-\uffff]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u052f]+"),
    "greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]+"),
    "armenian": re.compile("[\u0530-\u058f]+"),
    "hebrew": re.compile("[\u0590-\u05ff]+"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]+"),
    "devanagari": re.compile("[\u0900-\u097f]+"),
    "bengali": re.compile("[\u0980-\u09ff]+"),
    "tamil": re.compile("[\u0b80-\u0bff]+"),
    "telugu": re.compile("[\u0c00-\u0c7f]+"),
    "thai": re.compile("[\u0e00-\u0e7f]+"),
    "georgian": re.compile("[\u10a0-\u10ff]+"),
    "hangul": re.compile("[\u1100-\u11ff\uac00-\ud7af]+"),
    "east_asian": re.compile("[\u3040-\u30ff\u3400-\u9fff]+"),
}
_WRITTEN_IN = {
    "cyrillic": "ru uk be bg sr mk kk ky mn tg",
    "greek": "el",
    "armenian": "hy",
    "hebrew": "he yi",
    "arabic": "ar fa ur ps",
    "devanagari": "hi mr ne",
    "bengali": "bn as",
    "tamil": "ta",
    "telugu": "te",
    "thai": "th",
    "georgian": "ka",
    "hangul": "ko",
    "east_asian": "zh ja",
}
_SCRIPT_OF = {language: script for script, languages in _WRITTEN_IN.items() for language in languages.split()}
