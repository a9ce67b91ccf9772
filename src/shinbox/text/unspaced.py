"""Text of scripts that put no spaces between words: Japanese, Chinese, Thai, Lao, Khmer, Burmese.

Owns the form in which such text is indexed and looked for: overlapping pairs of characters, so that an
index that knows words with spaces between them alone finds any piece of it. 取り付け is indexed as
取り り付 付け け; of it り付け is looked for as り付 付け, a single character as a beginning. Half and
full width are one. All other text stays as it is, so that indexing it costs a look. Refuses to know
the index.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add
from typing import Final

_EASTERN: Final = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Han, kana, bopomofo."""
_SOUTHERN: Final = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0ede\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u17d7\u17dc\u17dd"
    "\u17e0-\u17e9\ua9e0-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f"
)
"""Thai, Lao, Burmese, Khmer: their letters, signs and digits."""
_RARE: Final = "[\U0001b000-\U0001b16f\U00020000-\U0003fffd]"
"""Rare Han and kana; apart, since re looks through a class with such characters one range after the other."""
_ANY: Final = re.compile("[\u0e00-\u11ff\u1780-\u17ff\u2e80-\U0003fffd]")
"""Where all that concerns us lies, and some more."""
_RUNS: Final = re.compile(f"(?:[{_EASTERN}{_SOUTHERN}]+|{_RARE})+")
_LETTERS: Final = re.compile(f"[{_EASTERN}{_SOUTHERN}]|{_RARE}")
_FORMS: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3000-\u312f\u3190-\u319f\u3200-\u33ff\uf900-\ufaff\uff01-\uffee]+"
)
"""What may have another form of the same meaning: ｶﾞ is ガ, Ａ is A, か and a mark are が."""
_JOINTS: Final = re.compile("[\r\n\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+")
"""Line breaks, and what nobody sees."""
_SIGNED: Final = re.compile(f"[{_SOUTHERN}\u3099\u309a]")
_SIGNS: Final = {
    code: 0xE000 + (code & 0x1FFF)
    for first, end in (
        (0x0E00, 0x0F00),
        (0x1000, 0x10A0),
        (0x1780, 0x1800),
        (0xA9E0, 0xAA00),
        (0xAA60, 0xAA80),
        (0x3099, 0x309B),
    )
    for code in range(first, end)
}
"""Letters of the private area for scripts whose vowel signs FTS5 takes for spaces."""


def spread(text: str) -> str:
    """The form in which text is indexed."""
    return _RUNS.sub(_spread_run, _joined(text)) if _is_concerned(text) else text


def sought(words: str) -> tuple[str | None, bool]:
    """The form in which words are looked for, as a phrase, and whether they end in the midst of a run.

    Then the phrase's last piece is a beginning. None: there is nothing in them that is indexed.
    """
    joined = _joined(words) if _is_concerned(words) else words
    end = len(joined)
    while end and not (joined[end - 1].isalnum() or _LETTERS.match(joined, end - 1)):
        end -= 1
    if not end:
        return None, False
    form = _RUNS.sub(_spread_run, joined[:end]).rstrip()
    if not _LETTERS.match(joined, end - 1):
        return form, False
    is_alone = end < 2 or not _LETTERS.match(joined, end - 2)
    # In the index a run's last character stands once more for itself; of this run the end is not known.
    return form if is_alone else form[:-1].rstrip(), True


def _is_concerned(text: str) -> bool:
    return not text.isascii() and _ANY.search(text) is not None


def _joined(text: str) -> str:
    """In one form, and without what stands between two letters and parts no words."""
    return _JOINTS.sub(_joint, _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text))


def _joint(found: re.Match[str]) -> str:
    """Nothing in place of the end of a full line and of what nobody sees."""
    text, start = found.string, found.start()
    within = start > 0 and _LETTERS.match(text, start - 1) and _LETTERS.match(text, found.end())
    return "" if within and found[0].count("\n") < 2 else found[0]


def _spread_run(found: re.Match[str]) -> str:
    run = found[0].translate(_SIGNS) if _SIGNED.search(found[0]) else found[0]
    return f" {' '.join(map(add, run, run[1:] + ' '))}"
