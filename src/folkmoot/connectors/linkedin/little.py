"""LinkedIn's little text: how the text of a post is written for its interface, and read back.

Characters with a meaning have to be escaped even where they mean nothing, in addresses too: LinkedIn takes a post with
a bare one, answers 201, and cuts the text off before it, without a word. Escaped, they come out as they were.

Source: Microsoft Learn, LinkedIn, "little Text Format".
"""

from __future__ import annotations

import re

from folkmoot.connectors.posts import Content, pieces

RESERVED = "\\|{}@[]()<>#*_~"
_ESCAPED = re.compile(rf"[{re.escape(RESERVED)}]")
#: Whom a mention can lead to.
URN = re.compile(r"urn:li:(?:person|organization|organizationBrand):[\w-]+")
#: Read from the left: what is escaped, a mention, a hashtag in its template.
_ELEMENT = re.compile(
    r"\\(?P<bare>.)"
    r"|@\[(?P<name>(?:[^\\\]]|\\.)*)\]\(urn:li:[^)]*\)"
    r"|\{hashtag\|\\?[#\uff03]\|(?P<tag>(?:[^\\}]|\\.)*)\}",
    re.DOTALL,
)


def escaped(text: str) -> str:
    """With a backslash before every character that has a meaning."""
    return _ESCAPED.sub(lambda found: f"\\{found[0]}", text)


def little(content: Content) -> str:
    """The text as LinkedIn takes it: mentions with whom they lead to, hashtags as such, all else escaped."""
    led = {mention.text: mention.id for mention in content.mentions if URN.fullmatch(mention.id)}
    written = []
    for piece in pieces(content):
        if piece.kind == "mention" and piece.text in led:
            written.append(f"@[{escaped(piece.text.lstrip('@'))}]({led[piece.text]})")
        elif piece.kind == "tag":
            tag = piece.text[1:]
            # A bare # takes letters and digits only; a template takes the rest.
            written.append(f"#{tag}" if tag.isalnum() else f"{{hashtag|\\#|{escaped(tag)}}}")
        else:
            written.append(escaped(piece.text))
    return "".join(written)


def plain(little: str) -> str:
    """The text that readers see of a little text."""
    return _ELEMENT.sub(_seen, little)


def _seen(found: re.Match[str]) -> str:
    if found["bare"] is not None:
        return found["bare"]
    return plain(found["name"]) if found["name"] is not None else f"#{plain(found['tag'])}"
