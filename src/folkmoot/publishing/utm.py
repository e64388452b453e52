"""Words in links that say where a reader came from: source, medium, campaign. No word ever names a person."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from folkmoot.connectors.posts import ADDRESS


def words(*, source: str, medium: str, campaign: str) -> dict[str, str]:
    """What is added to a link; nothing where the channel names no source."""
    if not source:
        return {}
    found = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}
    return {name: value for name, value in found.items() if value}


def tagged(address: str, added: Mapping[str, str]) -> str:
    """An address with the words that it does not have yet; everything else stays letter by letter."""
    if not added or not address.lower().startswith(("http://", "https://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    there = {each.partition("=")[0].lower() for each in parts.query.split("&")}
    missing = {name: value for name, value in added.items() if name not in there}
    if not missing or not parts.netloc:
        return address
    query = "&".join(each for each in (parts.query, urlencode(missing)) if each)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def tagged_text(text: str, added: Mapping[str, str]) -> str:
    """A text whose addresses have the words."""
    return ADDRESS.sub(lambda found: tagged(found[0], added), text) if added else text
