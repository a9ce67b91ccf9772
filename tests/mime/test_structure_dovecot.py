"""The tree from Dovecot's BODYSTRUCTURE is the tree of our own parser, for mail as it really is.

Where it is not, an email's part ids would change when its body arrives; every such message is known by name.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shinbox.desk.mail.remote.imap import connect
from shinbox.desk.mail.remote.settings import Endpoint, Login, Security
from shinbox.mime.build import OutgoingAttachment, OutgoingMessage, build
from shinbox.mime.model import Address, BodyPart
from shinbox.mime.parse import parse
from shinbox.mime.structure import lists_of, read_structure
from tests.mime import oracles
from tests.servers.mail import MailServers

pytestmark = pytest.mark.system

PLAIN = OutgoingMessage(
    [Address("Jürgen", "j@example.org")],
    [Address(None, "b@example.org")],
    "Grüße",
    "Hello\n",
    "1@example.org",
    datetime(2026, 11, 21, tzinfo=UTC),
)
IMAGE = OutgoingAttachment("plan.png", "image/png", b"\x89PNG" * 99, "inline", "img@example.org")
FILE = OutgoingAttachment(
    "Übersicht für März, lang genug für zwei Stücke, und noch länger.pdf", "application/pdf", b"%PDF" * 9
)

KNOWN = {
    "mime4j/000009": "an empty last part: Dovecot leaves it out",
    "mime4j/000025": "two Content-Type headers: Dovecot takes the first one",
    "mime4j/000072": "a multipart without parts: Dovecot makes one up",
    "mime4j/000067": "an inner multipart without parts: Dovecot makes one up",
    "mime4j/000077": "a boundary longer than RFC 2046 allows: Dovecot looks at its beginning only",
    "mime4j/000078": "a boundary longer than RFC 2046 allows: Dovecot looks at its beginning only",
    "stalwart/000071": "no semicolon before the boundary: Dovecot sees no multipart",
    "stalwart/000074": "two Content-Type headers: Dovecot takes the first one",
    "stalwart/000075": "two Content-Type headers: Dovecot takes the first one",
    "stalwart/000078": "a Content-ID on a multipart is not in a BODYSTRUCTURE",
}


def facts(root: BodyPart) -> list[tuple[object, ...]]:
    return [
        (part.part_id, part.type, part.name, part.charset, part.disposition, part.cid, part.language)
        for part in root.walk()
    ]


def published(servers: MailServers, messages: list[bytes]) -> list[tuple[BodyPart, bytes]]:
    """The tree and the octets that Dovecot gives for each message, in order."""
    user = servers.new_user()
    servers.seed(user, messages)
    login = Login(user.address, user.password)
    remote = connect(Endpoint(servers.host, servers.imaps_port, Security.TLS, login, ca_file=servers.ca_file))
    remote.select("INBOX")
    found = {m.uid: m.bodystructure for chunk in remote.fetch_summaries(remote.uids()) for m in chunk}
    trees = [(read_structure(found[uid]), remote.fetch_raw(uid)) for uid in sorted(found)]
    remote.close()
    return trees


def test_what_we_build_has_the_parts_that_dovecot_tells_of_it(servers: MailServers) -> None:
    drafts = [
        PLAIN,
        replace(PLAIN, html="<p>Grüße</p>"),
        replace(PLAIN, html="<img src='cid:img@example.org'>", attachments=[IMAGE, FILE]),
        replace(PLAIN, attachments=[FILE, OutgoingAttachment("m.eml", "message/rfc822", build(PLAIN))]),
    ]
    for tree, raw in published(servers, [build(draft) for draft in drafts]):
        message = parse(raw)
        assert facts(tree) == facts(message.body_structure)
        lists, has_attachment = lists_of(tree)
        assert [part.part_id for part in lists.attachments] == [part.part_id for part in message.attachments]
        assert has_attachment == message.has_attachment
        for told, held in zip(tree.walk(), message.body_structure.walk(), strict=True):
            assert abs(told.size - held.size) <= 4 + held.size // 50 or told.encoding == "quoted-printable"


@pytest.mark.skipif(not oracles.CORPORA.is_dir(), reason=f"the corpora are not at {oracles.CORPORA}")
def test_mail_as_it_really_is(servers: MailServers) -> None:
    cases = [case for corpus in ("stalwart", "mime4j", "sisimai") for case in oracles.cases(corpus)]
    whole = [case for case in cases if b"\n" in case.raw and not parse(case.raw).defects]
    trees = published(servers, [case.raw for case in whole])
    differing = {
        case.name
        for case, (tree, raw) in zip(whole, trees, strict=True)
        if facts(tree) != facts(parse(raw).body_structure)
    }
    print(f"{len(whole)} messages compared, {len(differing)} differ")
    assert differing == set(KNOWN)
