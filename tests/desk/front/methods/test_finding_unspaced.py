"""Email/query in scripts without spaces: any piece of a text is found, hidden mail is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shinbox.desk.front import housekeeping
from shinbox.desk.front.methods.email_words import match
from shinbox.desk.store import ids
from shinbox.desk.store.migrations import split_statements
from shinbox.terms import Level, Role
from shinbox.text.unspaced import spread
from tests.desk.front.methods.world import Json, World
from tools.write_schema import schema

LETTERS = "取付灯り のペンー々〇한글ライトที่นี้កម្ពុជြာပြည်ຢູ່ไ\U00020bb7".replace(" ", "").replace("한글", "")
OTHERS = "ab1 램프。、，・\nｱ"
pieces = st.text(LETTERS, min_size=1, max_size=12)


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """The index alone, empty."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        next(one for one in split_statements(schema()) if "CREATE VIRTUAL TABLE email_text" in one)
    )
    yield connection
    connection.close()


def finds(index: sqlite3.Connection, text: str, words: str) -> bool:
    """Whether an email of this text alone is found."""
    index.execute("DELETE FROM email_text")
    index.execute("INSERT INTO email_text (rowid, body) VALUES (1, ?)", (spread(text),))
    rows = index.execute(
        "SELECT 1 FROM email_text WHERE email_text MATCH ?", (match(words, None),)
    ).fetchall()
    return bool(rows)


@settings(max_examples=300)
@given(st.text(LETTERS + OTHERS), pieces, st.text(LETTERS + OTHERS), st.booleans())
def test_every_piece_of_a_text_is_found(
    index: sqlite3.Connection, before: str, piece: str, after: str, quoted: bool
) -> None:
    assert finds(index, before + piece + after, f'"{piece}"' if quoted else piece)


@settings(max_examples=300)
@given(st.text(LETTERS, max_size=8), st.text(LETTERS, min_size=1, max_size=3))
def test_what_is_no_piece_of_a_text_is_not_found(index: sqlite3.Connection, text: str, words: str) -> None:
    assert finds(index, text, words) == (words in text)


@given(pieces, pieces)
def test_a_line_that_was_full_parts_no_word(index: sqlite3.Connection, one: str, other: str) -> None:
    assert finds(index, f"{one}\r\n{other}", one[-2:] + other[:2])


@pytest.fixture
def mail(world: World) -> dict[str, str]:
    """Emails by name."""
    return {
        "lamp": world.receive(
            subject="ペンダントライトの取り付けについて",
            sender="田中 美咲 <misaki@yubin.example>",
            text="引掛シーリングに取り付けできますか。LED照明２台。",
        ),
        "offer": world.receive(
            subject="询价：餐厅吊灯二十套",
            sender="李小龙 <li@youjian.example>",
            headers="Cc: 王秀英 <w@x.example>\n",
        ),
        "thai": world.receive(subject="สอบถามเรื่องโคมไฟตั้งโต๊ะ", text="ตั้งโต๊ะ"),
        "korean": world.receive(subject="램프를 교환"),
        "half": world.receive(subject="ﾍﾟﾝﾀﾞﾝﾄ ＡＢＣ"),
        "latin": world.receive(subject="lampshade LED"),
        "hidden": world.receive(subject="取り付け", role=Role.JUNK),
    }


FILTERS: list[tuple[Json, set[str]]] = [
    ({"text": "取り付け"}, {"lamp", "hidden"}),
    ({"subject": "付けに"}, {"lamp"}),
    ({"subject": "付"}, {"lamp", "hidden"}),
    ({"subject": "け"}, {"lamp", "hidden"}),
    ({"body": "取り付けで"}, {"lamp"}),
    ({"body": "ついて"}, set()),
    ({"text": "シーリング 美咲"}, {"lamp"}),
    ({"text": '"シーリングに取り"'}, {"lamp"}),
    ({"from": "咲"}, {"lamp"}),
    ({"from": "小龙"}, {"offer"}),
    ({"cc": "秀英"}, {"offer"}),
    ({"cc": "英"}, {"offer"}),
    ({"to": "秀英"}, set()),
    ({"text": "吊灯"}, {"offer"}),
    ({"text": "吊灯？"}, {"offer"}),
    ({"text": "灯吊"}, set()),
    ({"text": "โคมไฟ"}, {"thai"}),
    ({"subject": "โต๊ะ"}, {"thai"}),
    ({"subject": "โตะ"}, set()),
    ({"text": "램프"}, {"korean"}),
    ({"text": "프를"}, set()),
    ({"text": "ペンダン"}, {"lamp", "half"}),
    ({"text": "ﾀﾞﾝﾄ"}, {"lamp", "half"}),
    ({"text": "abc"}, {"half"}),
    ({"text": "ＬＥＤ"}, {"lamp", "latin"}),
    ({"text": "LED照明2"}, {"lamp"}),
    ({"text": "shade"}, set()),
    ({"operator": "NOT", "conditions": [{"text": "取り付け"}]}, {"offer", "thai", "korean", "half", "latin"}),
]


@pytest.mark.parametrize(("filter_", "names"), FILTERS)
def test_any_piece_is_found_in_its_field_and_hidden_mail_is_not(
    world: World, mail: dict[str, str], filter_: Json, names: set[str]
) -> None:
    called = {id_: name for name, id_ in mail.items()}
    carl = world.person("carl", Level.READ, mailbox=world.folders[Role.INBOX])
    for actor, seen in ((world.person("bob"), names), (carl, names - {"hidden"})):
        answer = world.call(actor, "Email/query", filter=filter_, calculateTotal=True)
        assert {called[id_] for id_ in answer["ids"]} == seen
        assert answer["total"] == len(seen)


def test_mail_of_an_older_index_is_found_once_the_house_was_kept(world: World) -> None:
    bob, email = world.person("bob"), world.receive(subject="placeholder")
    row = ids.to_row("Email", email)
    with world.database.write() as tx:
        tx.run("UPDATE email_text SET subject = '取り付け' WHERE rowid = ?", (row,))
        tx.run("INSERT INTO email_text_waiting VALUES (?)", (row,))
    asked: Json = {"filter": {"subject": "付け"}, "sort": [{"property": "subject"}]}
    assert world.call(bob, "Email/query", asked)["ids"] == []
    assert housekeeping.renew_texts(world.desk)
    assert world.call(bob, "Email/query", asked)["ids"] == [email], (
        "an answer that was kept is not given again"
    )
    assert not housekeeping.renew_texts(world.desk)
