"""Text of the record is shown as plain text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds_service.cards.markdown import MAX_LENGTH, escaped
from tests.builders import statement
from tests.unit.cards.rendering import rendered


def test_text_of_the_record_is_one_disarmed_line() -> None:
    assert escaped("a\n\n# b | c") == "a # b \\| c"
    assert escaped("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert escaped("no\u2066 \u061cf\u00adever\u009b31m \U000e0041") == "no f ever 31m"
    assert escaped("see www.example.org") == "see www&#46;example.org"
    assert escaped("Trend: stable, at 08:15") == "Trend: stable, at 08:15", (
        "entities only where they are needed"
    )
    assert escaped("http://e.example :smile: mailto:a") == "http&#58;//e.example &#58;smile: mailto&#58;a"
    assert len(escaped("x" * 500)) == MAX_LENGTH


MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})


@given(st.text(max_size=80))
def test_whatever_the_record_says_is_shown_as_plain_text(text: str) -> None:
    tokens = MARKDOWN.parse(f"- recorded {escaped(text)} (Condition/1)")
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special"}
    assert not any(token.type == "html_block" for token in tokens)


HOSTILE = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) `code` **bold** | ~~gone~~ @all http://evil.example"


def test_hostile_text_never_reaches_a_summary_and_is_disarmed_in_the_detail() -> None:
    fever = statement("red-flag/fever", 2, text=HOSTILE)
    (card,) = rendered(fever)
    assert "evil" not in card["summary"]
    assert "<img" not in card["detail"]
    html = MARKDOWN.render(card["detail"])
    assert "<img" not in html
    assert "href" not in html
