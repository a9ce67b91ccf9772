"""What servers write is read as it was meant, and what we write is read the same by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shinbox.desk.mail.remote import tokens
from shinbox.desk.mail.remote.base import BadName, NamespaceKind, RemoteFolder, Token
from shinbox.desk.mail.remote.listing import Namespace, placed, with_roles
from shinbox.desk.mail.remote.names import decode_name, encode_name, quote
from shinbox.errors import RemoteProtocolError
from shinbox.terms import Role

VALUES = st.recursive(
    st.one_of(st.none(), st.integers(0, 2**63), st.binary(max_size=20)),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)


def rendered(value: Token, literals: list[bytes]) -> bytes:
    """The value as a server may write it: short safe strings quoted, others as literals."""
    if value is None:
        return b"NIL"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, list):
        return b"(" + b" ".join(rendered(item, literals) for item in value) + b")"
    if len(value) % 2 and not set(value) & set(b"\r\n\0"):
        return quote(value)
    literals.append(value)
    return b"{%d}\r\n" % len(value)


@given(st.lists(VALUES, max_size=6))
def test_any_values_are_read_back(values: list[Token]) -> None:
    literals: list[bytes] = []
    text = b" ".join(rendered(value, literals) for value in values)
    assert tokens.parse(text, literals) == values


@given(st.binary(max_size=200))
def test_no_octets_break_the_tokeniser(text: bytes) -> None:
    try:
        assert isinstance(tokens.parse(text), list)
    except RemoteProtocolError as error:
        assert str(error)


def test_a_section_name_is_one_token() -> None:
    text = b'BODY[HEADER.FIELDS (MESSAGE-ID "X")]<0> "a" FLAGS (\\Seen foo[bar)'
    assert tokens.parse(text) == [
        b'BODY[HEADER.FIELDS (MESSAGE-ID "X")]<0>', b"a", b"FLAGS", [b"\\Seen", b"foo[bar"]
    ]  # fmt: skip


def test_depth_costs_no_stack() -> None:
    value = tokens.parse(b"(" * 50_000 + b")" * 50_000)
    depth = 0
    while value:
        inner = value[0]
        assert isinstance(inner, list)
        value, depth = inner, depth + 1
    assert depth == 50_000


@given(st.sets(st.integers(1, 2**32 - 1), max_size=300), st.integers(20, 400))
def test_uid_sets_name_exactly_the_uids_in_short_pieces(uids: set[int], length: int) -> None:
    pieces = list(tokens.uid_sets(uids, length))
    assert all(len(piece) <= length or b"," not in piece for piece in pieces)
    found = [uid for piece in pieces for uid in tokens.expand(tokens.parse_ranges(piece), 1000)]
    assert found == sorted(uids)


@pytest.mark.parametrize("data", [b"1:4294967295", b"1:3,5:4000000000"])
def test_a_range_cannot_make_us_count_to_four_billion(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        tokens.expand(tokens.parse_ranges(data), 100_000)


@pytest.mark.parametrize("data", [b"", b"*", b"1:", b"a", b"1,,2", b"99999999999", None, [1]])
def test_what_is_no_set_is_an_error(data: Token) -> None:
    with pytest.raises(RemoteProtocolError):
        tokens.parse_ranges(data)


# --- names --------------------------------------------------------------------------------------


@given(st.binary(max_size=60))
def test_any_octets_are_a_path_that_leads_back_to_them(raw: bytes) -> None:
    path = decode_name(raw)
    path.encode("utf-8")  # No lone surrogates: SQLite takes it.
    if not any(octet < 0x20 or octet == 0x7F for octet in raw):
        assert encode_name(path) == raw


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_text_is_a_folder_name_and_comes_back(path: str) -> None:
    private = any(0xEF00 <= ord(character) <= 0xEFFF for character in path)
    coded = encode_name(path)
    if not private:
        assert coded.isascii()
        assert decode_name(coded) == path


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_two_names_never_share_a_path(one: bytes, other: bytes) -> None:
    assert (decode_name(one) == decode_name(other)) is (one == other)


def test_the_example_of_the_standard() -> None:
    assert encode_name("~peter/mail/台北/日本語") == b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"


@pytest.mark.parametrize("path", ["a\nb", "\0", "x\x7f", "\ud800"])
def test_what_no_server_could_name_is_refused(path: str) -> None:
    with pytest.raises(BadName):
        encode_name(path)


# --- roles --------------------------------------------------------------------------------------

SPACES = [
    Namespace(NamespaceKind.PERSONAL, "INBOX.", "."),
    Namespace(NamespaceKind.OTHER, "user.", "."),
    Namespace(NamespaceKind.SHARED, "Public.", "."),
]


def roles(*folders: str | tuple[str, str]) -> dict[str, Role]:
    """The roles of folders given as paths, or (path, attribute)."""
    listed = []
    for folder in folders:
        path, attributes = (folder, ()) if isinstance(folder, str) else (folder[0], folder[1:])
        listed.append(placed(RemoteFolder(path, ".", attributes=frozenset(attributes)), SPACES))
    return {folder.path: folder.role for folder in with_roles(listed) if folder.role is not None}


def test_an_attribute_counts_more_than_a_name() -> None:
    assert roles("INBOX", "INBOX.Sent", ("INBOX.Outgoing", "\\Sent")) == {
        "INBOX": Role.INBOX,
        "INBOX.Outgoing": Role.SENT,
    }


def test_names_in_other_languages_are_known_below_the_inbox_too() -> None:
    assert roles("INBOX.Gesendet", "INBOX.Éléments supprimés", "INBOX.Deep.Sent") == {
        "INBOX.Gesendet": Role.SENT,
        "INBOX.Éléments supprimés": Role.TRASH,
    }


def test_each_role_is_given_once_for_each_mailbox_that_is_shared() -> None:
    found = roles(
        "INBOX", ("INBOX.Sent", "\\Sent"), "user.ann", "user.ann.Sent", "user.bob", "user.bob.Sent Items",
        "user.bob.Sent", "Public.support", "Public.support.Trash", "Public",
    )  # fmt: skip
    assert found == {
        "INBOX": Role.INBOX, "INBOX.Sent": Role.SENT,
        "user.ann": Role.INBOX, "user.ann.Sent": Role.SENT,
        "user.bob": Role.INBOX, "user.bob.Sent": Role.SENT,
        "Public.support": Role.INBOX, "Public.support.Trash": Role.TRASH,
    }  # fmt: skip


def test_a_shared_mailbox_is_known_by_its_root() -> None:
    folders = [placed(RemoteFolder(path, "."), SPACES) for path in ("user.ann.Old.Sent", "Public", "INBOX.x")]
    assert [folder.root for folder in folders] == ["user.ann", None, None]
    assert [folder.namespace for folder in folders] == ["other", "shared", "personal"]
