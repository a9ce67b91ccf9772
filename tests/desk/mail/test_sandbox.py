"""Messages are read in a process of their own, and one that breaks a limit breaks nothing else."""

from __future__ import annotations

import pytest

from shinbox.desk.mail.sandbox import Sandbox
from shinbox.errors import LimitBroken
from tests.desk.mail.world import message

REPORT = (
    b"From: MAILER-DAEMON@x\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent@team.example>\r\n\r\n--b--\r\n"
)


def test_a_message_is_read_for_list_search_and_parts(sandbox: Sandbox) -> None:
    reading = sandbox.read(message(1, body="Where is my parcel?"))
    assert reading.preview == "Where is my parcel?"
    assert "parcel" in reading.text
    assert reading.structure is not None
    assert reading.structure["type"] == "text/plain"


def test_a_delivery_report_names_the_message_it_is_about(sandbox: Sandbox) -> None:
    assert sandbox.read(REPORT).about == "sent@team.example"


def test_a_delivery_report_says_what_became_of_whom(sandbox: Sandbox) -> None:
    fields = (
        b"Reporting-MTA: dns; mx.example\r\n\r\nOriginal-Recipient: rfc822;carla@customer.example\r\n"
        b"Final-Recipient: rfc822;c@backend.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        b"Diagnostic-Code: smtp; 552 5.2.2 Over quota\r\n\r\n"
        b"Final-Recipient: rfc822; dan@customer.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
    )
    carla, dan = sandbox.read(REPORT.replace(b"Action: failed\r\nStatus: 5.1.1\r\n", fields)).deliveries
    assert carla == {
        "addresses": ["carla@customer.example", "c@backend.example"],
        "kind": "failed",
        "status": "5.2.2",
        "reason": "the mailbox is full",
        "diagnostic": "552 5.2.2 Over quota",
    }
    assert (dan["addresses"], dan["kind"]) == (["dan@customer.example"], "relayed")


def test_ordinary_mail_says_nothing_of_deliveries(sandbox: Sandbox) -> None:
    assert sandbox.read(message(1)).deliveries == []


def test_a_reader_that_takes_too_long_is_killed_and_replaced() -> None:
    sandbox = Sandbox(wall=0.0)
    with pytest.raises(LimitBroken):
        sandbox.read(message(1))
    sandbox._wall = 30.0
    assert sandbox.read(message(2)).preview == "Hello."
    sandbox.close()


def test_a_reader_has_little_memory(sandbox: Sandbox) -> None:
    with pytest.raises(LimitBroken):
        sandbox.read(b"Subject: x\r\n\r\n" + b"x" * (600 * 1024 * 1024))
    assert sandbox.read(message(3)).preview == "Hello."


def test_a_reader_has_two_seconds_of_cpu() -> None:
    import subprocess
    import sys

    code = (
        "import shinbox.desk.mail.sandbox as s\n"
        "def spin(raw):\n"
        "    while True: pass\n"
        "s._read = spin\n"
        "s.serve(1)\n"
    )
    child = subprocess.run(
        [sys.executable, "-c", code], input=(1).to_bytes(8, "big") + b"x", capture_output=True, timeout=60
    )
    assert child.returncode == -24, "SIGXCPU"
