"""The tokens that sign this person in, one a desk, in a file that only they may read.

Owns the file. Knows no password: a token can be revoked at the desk, a password is never stored.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from shinbox.errors import ConfigError
from shinbox.jmap.endpoint import Endpoint


def tokens_path() -> Path:
    """The file, in the user's state folder."""
    from platformdirs import user_state_path

    return user_state_path("shinbox") / "tokens.json"


def load_token(endpoint: Endpoint, path: Path | None = None) -> str | None:
    """The token kept for this desk, or None.

    :raises ConfigError: the file cannot be read, or others may read it.
    """
    return _read(path or tokens_path()).get(str(endpoint))


def save_token(endpoint: Endpoint, token: str, path: Path | None = None) -> None:
    """Keep a token for this desk."""
    path = path or tokens_path()
    _write(path, {**_read(path), str(endpoint): token})


def forget_token(endpoint: Endpoint, path: Path | None = None) -> bool:
    """Drop the token of this desk; False if there was none."""
    path = path or tokens_path()
    tokens = _read(path)
    if tokens.pop(str(endpoint), None) is None:
        return False
    _write(path, tokens)
    return True


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise ConfigError(f"Others may read {path}: run chmod 600 {path}, and sign in again.")
            tokens = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as unreadable:
        raise ConfigError(f"{path} cannot be read ({unreadable}): delete it, and sign in again.") from None
    if not isinstance(tokens, dict):
        raise ConfigError(f"{path} cannot be read: delete it, and sign in again.")
    return {key: value for key, value in tokens.items() if isinstance(value, str)}


def _write(path: Path, tokens: dict[str, str]) -> None:
    """Replace the file whole: mkstemp makes it 0600 before the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tokens-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(tokens, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
