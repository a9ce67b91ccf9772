"""Files that nothing needs any more go; what a row names, or what is young, stays."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shinbox.desk.front import housekeeping
from shinbox.desk.front.housekeeping import Sweep
from shinbox.desk.store import emails, ids
from shinbox.desk.store.blobs import Blobs
from shinbox.terms import Level, Role, Send
from tests.desk.front.methods.world import World


def age(world: World) -> None:
    """Every file was last put long ago."""
    for file in world.desk.blobs.folder.glob("*/*"):
        os.utime(file, (0, 0))


def sweep(world: World) -> int:
    """One turn; how many steps it took."""
    housekeeper, steps = Sweep(world.desk), 1
    while housekeeper.some():
        steps += 1
    return steps


def files(world: World) -> set[str]:
    return {file.name for file in world.desk.blobs.folder.glob("*/*")}


def destroy(world: World, email: str) -> None:
    row = ids.to_row("Email", email)
    assert row is not None
    with world.database.write() as tx:
        emails.destroy(tx, world.account, [row])


def test_the_file_of_a_destroyed_email_goes_after_a_day_and_the_others_stay(world: World) -> None:
    gone, kept = world.receive(subject="gone"), world.receive(subject="kept")
    with world.database.read() as tx:
        hashes = {
            ids.to_id("Email", row["id"]): row["blob_hash"]
            for row in tx.all("SELECT id, blob_hash FROM email")
        }
    destroy(world, gone)
    world.clock.now = world.desk.blobs.path(hashes[gone]).stat().st_mtime + housekeeping.SWEPT_AFTER - 10
    sweep(world)
    assert files(world) == set(hashes.values())
    world.clock.now += 60
    sweep(world)
    assert files(world) == {hashes[kept]}


def test_a_file_that_another_email_an_upload_or_a_submission_names_stays(world: World) -> None:
    bob = world.person("bob", Level.WRITE, Send.SEND_AS)
    identity = world.identity()
    message = b"From: support@example.org\r\nTo: a@x.org\r\nMessage-ID: <d@example.org>\r\n\r\nHi\r\n"
    draft = world.receive(message, role=Role.DRAFTS)
    world.create(bob, "EmailSubmission", {"identityId": identity, "emailId": draft})
    twin = world.receive(b"Subject: twin\r\n\r\nx\r\n")
    world.receive(b"Subject: twin\r\n\r\nx\r\n")
    world.upload(bob, b"an attachment")
    destroy(world, draft)
    destroy(world, twin)
    with world.database.read() as tx:
        named = set(
            tx.column(
                "SELECT blob_hash FROM email UNION SELECT blob_hash FROM submission"
                " UNION SELECT hash FROM upload"
            )
        )
    assert len(named) == 3
    age(world)
    sweep(world)
    assert files(world) == named


def test_an_upload_expires_with_its_row_and_its_file(world: World) -> None:
    bob = world.person("bob")
    world.upload(bob, b"an attachment")
    age(world)
    sweep(world)
    assert len(files(world)) == 1
    world.clock.now += housekeeping.SWEPT_AFTER
    sweep(world)
    assert files(world) == set()
    with world.database.read() as tx:
        assert tx.value("SELECT COUNT(*) FROM upload") == 0


def test_one_step_looks_at_a_bounded_number_of_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for number in range(5):
        destroy(world, world.receive(subject=f"number {number}"))
    age(world)
    housekeeper = Sweep(world.desk)
    assert housekeeper.some()
    assert len(files(world)) == 3
    assert housekeeper.some()
    assert not housekeeper.some()
    assert files(world) == set()


def test_what_is_put_again_between_the_question_and_the_removal_stays(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    for durable in (True, False):
        name = blobs.put(b"content")
        os.utime(blobs.path(name), (0, 0))
        assert list(blobs.older(1_000.0)) == [name]
        blobs.put(b"content", durable=durable)
        assert not blobs.remove_if_older(name, 1_000.0)
        assert blobs.has(name)


def test_whoever_puts_while_a_file_is_removed_has_it_afterwards(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with ThreadPoolExecutor(2) as threads:
        for turn in range(200):
            name = blobs.put(b"content", durable=False)
            os.utime(blobs.path(name), (0, 0))
            removing = threads.submit(blobs.remove_if_older, name, 1_000.0)
            putting = threads.submit(blobs.put, b"content", durable=False)
            removing.result(60)
            assert putting.result(60) == name
            assert blobs.has(name), f"lost in turn {turn}"


def test_what_a_crash_left_half_written_goes_after_a_day(world: World) -> None:
    kept = world.receive()
    half, young = world.desk.blobs.folder / "ab" / ".new-half", world.desk.blobs.folder / "ab" / ".new-young"
    half.parent.mkdir(exist_ok=True)
    for file in (half, young):
        file.write_bytes(b"x")
    foreign = world.desk.blobs.folder / "ab" / "notes.txt"
    foreign.write_bytes(b"x")
    age(world)
    os.utime(young)
    world.clock.now = young.stat().st_mtime + housekeeping.SWEPT_AFTER - 10
    sweep(world)
    assert not half.exists()
    assert young.exists() and foreign.exists()
    assert world.query(world.person("bob")) == [kept]
