"""The mail process as a whole: what front asks of it finds the account's worker."""

from __future__ import annotations

import json
import queue
import time
from dataclasses import replace
from pathlib import Path

from shinbox.desk.mail.process import Mail
from shinbox.desk.mail.vault import Vault
from shinbox.desk.store import connections, sealing
from shinbox.desk.wake import BodyAnswer, BodyWanted, Message
from tests.desk.mail.remote.hostile_imap import HostileImap
from tests.desk.mail.world import World


def test_a_body_that_is_asked_for_as_the_process_starts_is_asked_of_the_mail_server(tmp_path: Path) -> None:
    world, key = World(tmp_path), sealing.new_key()
    world.deliver(1)
    world.sync()
    secret = sealing.seal(sealing.public_of(key), "secret")
    told: queue.Queue[Message] = queue.Queue()
    mail = Mail(replace(world.desk, now=time.time), Vault(key), told.put, lambda: 0.0)
    with HostileImap(greeting=b"* BYE not today\r\n").running() as server:
        imap = {"host": "127.0.0.1", "port": server.port, "tls": "none", "user": "support"}
        with world.database.write() as tx:
            connections.put(tx, world.account, imap=json.dumps(imap), imap_secret=secret)
        mail.start()
        mail.hear(BodyWanted(world.email("Invoice 1"), 7))
        answer = told.get(timeout=60)
        mail.stop()
    assert isinstance(answer, BodyAnswer) and answer.ask == 7
    assert "not today" in str(answer.error)
