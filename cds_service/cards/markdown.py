"""Text of a record inside GitHub-flavoured markdown: shown as it is, never taken as markup."""

from __future__ import annotations

import re

# Everything markdown or HTML can take as markup, and "@" and ":" which make mentions and links of bare text.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&@:$^=\"'/])")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029\u200b-\u200f\u202a-\u202e]+")
_ENTITY = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
    "'": "&#39;",
    "@": "&#64;",
    ":": "&#58;",
    "/": "&#47;",
}
MAX_LENGTH = 120


def escaped(text: str) -> str:
    """The text with every character that could be markup disarmed, on one line, at most MAX_LENGTH long.

    Letters that autolinks need (``www.``, ``http:``) lose their colon, slash and dot to entities and
    backslashes, so that no renderer makes a link of them.
    """
    plain = _SPACE.sub(" ", text).strip()
    if len(plain) > MAX_LENGTH:
        plain = plain[: MAX_LENGTH - 3].rstrip() + "..."
    return _MARKUP.sub(_disarmed, plain).replace("www\\.", "www&#46;")


def _disarmed(match: re.Match[str]) -> str:
    character = match[1]
    return _ENTITY.get(character, "\\" + character)
