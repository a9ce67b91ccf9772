"""Real messages, damaged at random: everything that reads mail goes on reading, in time.

A few hundred in an ordinary run, a minute's worth in `make torture`; each is made from its number alone, so a
failure names what to try again.
"""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest

from shinbox.mime.parse import parse
from tests.mime import oracles
from tests.mime.bombs import everything_shown

TOKENS = (
    *(
        b"\r\n",
        b"\n\n",
        b"--",
        b"=?utf-8?b?",
        b"?=",
        b"\0",
        b"\xff",
        b"\x1b$B",
        b";",
        b'"',
        b"<",
        b">",
        b"(",
        b"=",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=x\n",
        b"Content-Transfer-Encoding: base64\n",
        b"charset=utf-7",
    ),
    *(
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"charset=utf-16",
        b"*0*=",
        b"&#55296;",
        b"<table>",
        b"+2AA-",
    ),
    *(
        b"begin 644 a\n",
        b"message/rfc822",
        b"text/html",
        b"text/calendar",
        b"BEGIN:VEVENT\n",
        b"\xed\xa0\x80",
    ),
    *(
        b"message/delivery-status",
        b"application/ms-tnef",
        b"\x78\x9f\x3e\x22",
        b"<!--",
        b"<p style='display:none'>",
    ),
)
SECONDS = 55.0 if os.environ.get("HYPOTHESIS_PROFILE") == "torture" else 5.0
WORKERS = 2
_SURROGATE = re.compile("[\ud800-\udfff]")


def messages() -> list[bytes]:
    """What is damaged: the cases of the project, and the corpora where they are."""
    found = [file.read_bytes() for file in sorted((Path(__file__).parent / "cases").glob("*.eml"))]
    for corpus in ("stalwart", "mime4j", "sisimai"):
        if (oracles.CORPORA / corpus).is_dir():
            found += [case.raw for case in oracles.cases(corpus) if len(case.raw) < 60_000]
    return found


def damaged(number: int, whole: list[bytes]) -> bytes:
    """One of the messages with up to twelve pieces put in, taken out, exchanged or repeated."""
    random_ = random.Random(number)
    data = bytearray(random_.choice(whole))
    for _ in range(random_.randint(1, 12)):
        place = random_.randrange(len(data) + 1)
        what = random_.randrange(5)
        if what == 0:
            data[place:place] = random_.choice(TOKENS)
        elif what == 1:
            del data[place : place + random_.randint(1, 60)]
        elif what == 2:
            data[place : place + 1] = random_.randbytes(1)
        elif what == 3:
            other = random_.choice(whole)
            start = random_.randrange(len(other) + 1)
            data[place:place] = other[start : start + random_.randint(1, 300)]
        else:
            data[place:place] = bytes(data[place : place + random_.randint(1, 40)]) * random_.randint(1, 40)
    return bytes(data)


@pytest.mark.parametrize("worker", range(WORKERS))
def test_damaged_messages_are_read(worker: int) -> None:
    whole = messages()
    ends = time.monotonic() + SECONDS
    number = worker
    while time.monotonic() < ends or number <= 20 * WORKERS:
        raw = damaged(number, whole)
        began = time.process_time()
        shown = "".join(everything_shown(raw))
        assert time.process_time() - began < 2.0, f"damaged({number})"
        assert not _SURROGATE.search(shown), f"damaged({number})"
        message = parse(raw)
        for part in message.body_structure.walk():
            assert part.sub_parts is not None or len(message.content(part)) == part.size, f"damaged({number})"
        number += WORKERS
