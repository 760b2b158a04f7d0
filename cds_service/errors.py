"""Every error we raise on purpose."""

from __future__ import annotations

from http import HTTPStatus


class StartError(Exception):
    """Something the service needs at its start is wrong; the message says what, where and what to do."""


class GuidelineError(StartError):
    """The guideline data is not usable; names file and key."""


class TerminologyError(StartError):
    """A value set is not usable; names file and line."""


class SettingsError(StartError):
    """A setting has a bad value; names the setting."""


class ServiceError(Exception):
    """An error with an HTTP answer.

    ``public_message`` is a constant, so nothing about a patient can slip into it; ``str(error)`` is for us:
    keys, ids of ours and counts.
    """

    code = "internal"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    issue_type = "exception"
    public_message = "The service could not answer. The failure was logged."
