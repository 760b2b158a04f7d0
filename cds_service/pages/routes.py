"""The routes of the pages; what makes a page is imported when the first one is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from cds_service.errors import BodyTooLarge, NotFound, ServiceError
from cds_service.pages.headers import add_page_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.advise import Knowledge
    from cds_service.config import Settings
    from cds_service.pages.playground.page import Playground


@dataclass
class Pages:
    """What the pages need.

    Attributes:
        now: Guideline and terminology as the hooks use them now; they can grow.
        settings: Of this process.
    """

    now: Callable[[], Knowledge]
    settings: Settings

    def blueprint(self) -> Blueprint:
        """The routes with their headers and their own error page."""
        routes = Blueprint(
            "pages", __name__, static_folder="static", static_url_path="/pages/static", root_path=None
        )
        add = routes.add_url_rule
        add("/", "start", self.start, methods=["GET"])
        add("/pathway", "pathway", self.pathway, methods=["GET"])
        add("/pathway/codes/<path:concept>", "codes", self.codes, methods=["GET"])
        if self.settings.has_playground:
            add("/playground", "playground", self.playground, methods=["GET", "POST"])
            add("/playground/vignette.yaml", "vignette", self.vignette, methods=["GET", "POST"])
            add("/playground/feedback", "feedback", self.feedback, methods=["POST"])
        routes.register_error_handler(ServiceError, self.error)
        routes.after_request(add_page_headers)
        return routes

    def start(self) -> Response:
        """``GET /``: what runs here."""
        from cds_service.pages.start import start_page

        return html(start_page(self.now(), self.settings, request.host_url))

    def pathway(self) -> Response:
        """``GET /pathway``: the guideline, or the rules that hold the words of ``q``."""
        from cds_service.pages.guideline.page import pathway_page

        return html(pathway_page(self.now(), self.settings, request.args.get("q", "")))

    def codes(self, concept: str) -> Response:
        """``GET /pathway/codes/<concept>``: the codes of one value set."""
        from cds_service.pages.guideline.codes import codes_page

        page = codes_page(concept, self.settings)
        if page is None:
            raise NotFound
        return html(page)

    def playground(self) -> Response:
        """``GET`` for the synthetic cases, whose address can be kept; ``POST`` for what was pasted."""
        return html(self._playground.page(*self._asked()))

    def vignette(self) -> Response:
        """The case as a vignette file to save."""
        text = self._playground.vignette(*self._asked())
        response = Response(text, content_type="application/yaml; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="vignette.yaml"'
        return response

    def feedback(self) -> Response:
        """What accepting or dismissing sends, and how it was answered."""
        from cds_service.pages.playground.feedback import feedback_page

        return html(feedback_page(request.form, self.settings))

    def error(self, error: ServiceError) -> tuple[Response, int]:
        """An error as a page, in the constant words it has for everyone."""
        from cds_service.pages.templating import render

        return html(render("error.html", self.settings, error=error)), int(error.status)

    def _asked(self) -> tuple[Callable[[str], list[str]], bool]:
        """The fields of the request, and whether they came in a body."""
        if request.method == "GET":
            return request.args.getlist, False
        limit = self.settings.max_form_bytes
        if (request.content_length or 0) > limit:
            raise BodyTooLarge
        request.max_form_memory_size = limit
        return request.form.getlist, True

    @property
    def _playground(self) -> Playground:
        from cds_service.pages.playground.page import Playground

        return Playground(self.now(), self.settings)


def html(text: str) -> Response:
    """A page."""
    return Response(text, content_type="text/html; charset=utf-8")
