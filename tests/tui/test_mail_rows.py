"""The sidebar's names are short where that is clear."""

from __future__ import annotations

from shinbox.tui.mail_rows import short_names


def test_a_mailbox_is_called_by_what_stands_before_the_at() -> None:
    assert short_names(["support@halden.example", "sales@halden.example", "Archive 2019"]) == {
        "support@halden.example": "support@",
        "sales@halden.example": "sales@",
        "Archive 2019": "Archive 2019",
    }


def test_two_that_begin_alike_keep_their_whole_names() -> None:
    names = ["support@north.example", "Support@south.example"]
    assert short_names(names) == {name: name for name in names}
