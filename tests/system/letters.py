"""The mail of system tests: what customers write."""

from __future__ import annotations

import email.message
import email.policy


def letter(
    number: str,
    subject: str,
    *,
    sender: str = "Carla Customer <carla@customer.test>",
    to: str = "support@team.test",
    text: str = "Good morning,\n\nwhere is my order?\n\nCarla\n",
    date: str = "Fri, 20 Nov 2026 09:00:00 +0000",
) -> bytes:
    """A well-formed message with CRLF line ends; its Message-ID is <number@customer.test>."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["Message-ID"] = f"<{number}@customer.test>"
    made["Date"] = date
    made["From"] = sender
    made["To"] = to
    made["Subject"] = subject
    made.set_content(text)
    return bytes(made)
