"""Text of a record inside GitHub-flavoured markdown: shown as it is, never taken as markup."""

from __future__ import annotations

import re

from cds_service.text_patterns import INVISIBLE

# What markdown or HTML takes as markup inside a line. "@" and ":" make mentions and links of bare text, but
# not the ":" before a blank or within a time of day; what is markup only at the beginning of a line never
# stands there.
_MARKUP = re.compile(r"([\\`*_\[\]|<>~&@]|:(?! |$)(?!(?<=\d:)\d))")
_WWW = re.compile(r"www\.", re.IGNORECASE)
_SPACE = re.compile(rf"[\s{INVISIBLE}]+")
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;", ":": "&#58;"}
MAX_LENGTH = 120


def escaped(text: str) -> str:
    """The text with every character that could be markup disarmed, on one line, at most MAX_LENGTH long."""
    plain = _SPACE.sub(" ", text).strip()
    if len(plain) > MAX_LENGTH:
        plain = plain[: MAX_LENGTH - 3].rstrip() + "..."
    return _WWW.sub(lambda match: match[0][:-1] + "&#46;", _MARKUP.sub(_disarmed, plain))


def _disarmed(match: re.Match[str]) -> str:
    character = match[1]
    return _ENTITY.get(character, "\\" + character)
