"""What counts as the writer's own words."""

from __future__ import annotations

from shinbox.client.own_words import own_lines, words_in

BODY = (
    "Hello Ann\n\nfine\n\nOn Mon 1 Jan 2024, 10:11, Jane wrote:\n> teh quote\n\n-- \nHalden\n"
    "---------- Forwarded message ----------\nFrom: x\n"
)


def test_quotations_the_signature_and_what_is_forwarded_are_not_ones_own() -> None:
    assert [line for _, line in own_lines(BODY) if line] == ["Hello Ann", "fine"]


def test_each_line_is_told_with_its_number() -> None:
    lines = BODY.split("\n")
    assert all(lines[number] == line for number, line in own_lines(BODY))


def test_links_addresses_numbers_and_names_of_files_are_no_words() -> None:
    line = "Don’t see https://x.example/teh, ann@x.example HL-65682 list.csv ~/teh/file — Größe, 2nd"
    assert [word for _, word in words_in(line)] == ["Don’t", "see", "Größe"]
    assert all(line[place:].startswith(word) for place, word in words_in(line))
