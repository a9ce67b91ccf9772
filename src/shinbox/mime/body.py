"""Which parts are the text of a message and which are attached to it (RFC 8621 §4.1.4).

Owns that algorithm and the judgement "has attachments". Works on any tree of BodyPart, parsed or
published by an IMAP server. Refuses to know bytes.
"""

from __future__ import annotations

from shinbox.mime.model import BodyLists, BodyPart

_MEDIA = ("image/", "audio/", "video/")
_MACHINERY = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
    | {"application/pgp-encrypted", "message/delivery-status", "message/global-delivery-status"}
    | {"message/disposition-notification", "message/feedback-report", "text/rfc822-headers"}
)
"""Attached for programs: a reader would not say that the message has an attachment."""

_List = list[BodyPart]


def flatten(root: BodyPart) -> BodyLists:
    """textBody, htmlBody and attachments, exactly as the RFC's algorithm orders them."""
    text: _List = []
    html: _List = []
    attachments: _List = []
    _walk([root], "mixed", False, html, text, attachments)
    return BodyLists(text, html, attachments)


def has_attachment(lists: BodyLists) -> bool:
    """True if a person would say that something is attached: not signatures, not images of the text."""
    shown = [part for part in lists.text_body if part.type.startswith(_MEDIA)]
    return any(_is_attached(part) for part in (*lists.attachments, *shown))


def _is_attached(part: BodyPart) -> bool:
    if part.type in _MACHINERY:
        return False
    if part.disposition == "attachment":
        return True
    return not (part.cid and part.type.startswith(_MEDIA)) and not (
        part.type == "text/calendar" and not part.name
    )


def _is_media(part: BodyPart) -> bool:
    return part.type.startswith(_MEDIA)


def _is_inline(part: BodyPart, position: int, within: str) -> bool:
    """A part of the body rather than an attachment; in multipart/related only the first one can be."""
    if part.disposition == "attachment":
        return False
    if part.type not in {"text/plain", "text/html"} and not _is_media(part):
        return False
    return position == 0 or (within != "related" and (_is_media(part) or not part.name))


def _walk(
    parts: _List,
    within: str,
    in_alternative: bool,
    html: _List | None,
    text: _List | None,
    attachments: _List,
) -> None:
    """The RFC's parseStructure, name for name; `None` is its null: this list takes no more from here."""
    text_length = -1 if text is None else len(text)
    html_length = -1 if html is None else len(html)
    for position, part in enumerate(parts):
        if part.sub_parts is not None:
            kind = part.type.partition("/")[2]
            _walk(part.sub_parts, kind, in_alternative or kind == "alternative", html, text, attachments)
        elif not _is_inline(part, position, within):
            attachments.append(part)
        elif within == "alternative":
            _alternative(part, html, text, attachments)
        else:
            if in_alternative and part.type == "text/plain":
                html = None
            if in_alternative and part.type == "text/html":
                text = None
            _append(part, html, text, attachments)
    if within == "alternative" and text is not None and html is not None:
        if text_length == len(text) and html_length != len(html):
            text.extend(html[html_length:])
        elif html_length == len(html) and text_length != len(text):
            html.extend(text[text_length:])


def _alternative(part: BodyPart, html: _List | None, text: _List | None, attachments: _List) -> None:
    if part.type == "text/plain" and text is not None:
        text.append(part)
    elif part.type == "text/html" and html is not None:
        html.append(part)
    elif part.type not in {"text/plain", "text/html"}:
        attachments.append(part)


def _append(part: BodyPart, html: _List | None, text: _List | None, attachments: _List) -> None:
    if text is not None:
        text.append(part)
    if html is not None:
        html.append(part)
    if (text is None or html is None) and _is_media(part):
        attachments.append(part)
