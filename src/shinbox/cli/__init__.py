"""The command line, one module a command. A JMAP client like any other; it holds no rule about rights."""

from __future__ import annotations

from shinbox.cli.running import main

__all__ = ["main"]
