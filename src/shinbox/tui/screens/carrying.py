"""The files of a draft go with it into another mailbox: each down to this machine and up again.

Owns that way, also between two desks, which hold nothing in common. What is on its way is shown and stopped
like any file that is being attached (`attaching`).
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from shinbox.client.drafts import Attached
from shinbox.errors import ConfigError
from shinbox.jmap.client import Client
from shinbox.tui.screens.uploading import Upload, read_through

_NO_ROOM: Final = "{} cannot be taken along: {} (in {}). Make room there."


async def carried(client: Client, file: Attached, source: str, target: str, upload: Upload) -> Attached:
    """The same file as the mailbox `target` holds it; `upload` counts its bytes on the way up.

    :raises NotFound: the mailbox `source` no longer holds it.
    :raises ConfigError: this machine has no room for it.
    """
    between = cast(BinaryIO, await asyncio.to_thread(tempfile.TemporaryFile))
    try:
        await client.download_to(source, file.blob, between, file.name, file.type)
        await asyncio.to_thread(between.seek, 0)
        blob = await client.upload(target, read_through(between, upload), file.type)
    except OSError as error:
        folder = tempfile.gettempdir()
        raise ConfigError(_NO_ROOM.format(file.name, error.strerror, folder)) from None
    finally:
        await asyncio.to_thread(between.close)
    return msgspec.structs.replace(file, blob=blob)


def on_their_way(files: list[Attached]) -> list[Upload]:
    """What stands in the composer for files that are taken along."""
    return [Upload(Path(file.name), file.size) for file in files]
