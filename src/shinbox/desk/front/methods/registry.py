"""The handlers, one a data type.

Owns the list: whoever adds a type adds its line here. A test holds it against the declarations.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.front.methods.base import TypeHandler

_ALL: Final[tuple[TypeHandler, ...]] = (
    # what lies in a shared mailbox
    # what belongs to the desk
)

HANDLERS: Final[dict[str, TypeHandler]] = {handler.TYPE: handler for handler in _ALL}
"""By JMAP type name."""
