"""Writing one setting into the person's file: everything else in it, comments too, stays as it was.

Owns the file's form. A new version takes the old one's place in one step.
"""

from __future__ import annotations

import os
from pathlib import Path

from shinbox.errors import ConfigError

HEAD = "# Settings of shinbox. What is not here is as shinbox thinks best; `,` in shinbox changes them.\n"


def write_setting(path: Path, key: str, value: str | bool) -> None:
    """Set a key at the file's top level; the file is made if there is none.

    :raises ConfigError: the file is no TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        before = path.read_text(encoding="utf-8") if path.exists() else HEAD
        document = tomlkit.parse(before)
        document[key] = value
        text = tomlkit.dumps(document)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, path.resolve())
    except TOMLKitError as error:
        raise ConfigError(f"{path} is not TOML, so it was left as it is: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from None
