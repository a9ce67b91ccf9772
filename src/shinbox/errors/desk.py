"""Errors of the desk itself, of reaching it, and of configuration. Owns their words only."""

from __future__ import annotations

from shinbox.errors.base import ShinboxError


class DeskUnreachable(ShinboxError):
    """The desk cannot be reached: is `shinbox serve` running?"""

    exit_code = 6


class ConnectionLost(DeskUnreachable):
    """The connection to the desk broke: look whether your last change was made, then try again."""


class DeskProtocolError(ShinboxError):
    """What answered is no desk: look at its address."""

    exit_code = 6


class ConfigError(ShinboxError):
    """The configuration cannot be used: correct it."""

    exit_code = 7


class DatabaseTooNew(ConfigError):
    """The data folder was written by a newer shinbox: install that version, or restore a backup."""


class AlreadyRunning(ConfigError):
    """Another desk is running on this data folder: stop that one first."""


class SecretUnavailable(ShinboxError):
    """The mailbox's secret cannot be opened with the desk's key: give the password again."""


class LimitBroken(ShinboxError):
    """Too large to display: save the original."""
