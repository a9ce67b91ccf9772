"""The root of the error tree. Owns how an error becomes a sentence, a type on the wire and an exit code."""

from __future__ import annotations

from typing import Any, ClassVar


class ShinboxError(Exception):
    """Something went wrong: try again."""

    jmap_type: ClassVar[str] = "serverFail"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return self.detail or self.message()

    @classmethod
    def message(cls) -> str:
        """The first line of the docstring: the sentence for a person."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]
