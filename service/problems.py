"""Errors that a user sees: one class each, an RFC 9457 problem document, and a page at /problems/<slug>."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from models.errors import LONGEST_VALUE, cut, nearest_name

MOST_ERRORS = 20
LONGEST_DETAIL = 1000

Location = Sequence[str | int]


class InputError(TypedDict):
    """One fault of the input: where it is, which kind of fault, and what to do."""

    location: list[str | int]
    code: str
    message: str


class Problem(Exception):
    """An answer that is not a success. A subclass sets the class variables; its docstring is its page's text."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on the server"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Iterable[InputError] = (),
        headers: Mapping[str, str] | None = None,
        error_count: int | None = None,
    ) -> None:
        self.detail = shorten(detail or self.title, LONGEST_DETAIL)
        self.errors = list(errors)
        self.error_count = len(self.errors) if error_count is None else error_count
        self.headers = dict(headers or {})
        super().__init__(self.detail)

    def document(self, instance: str | None = None) -> dict[str, Any]:
        """The RFC 9457 document; `instance` is `/requests/<id>`."""
        document: dict[str, Any] = {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status}
        document["detail"] = self.detail
        if instance is not None:
            document["instance"] = instance
        if self.errors:
            document["errors"] = [shorten_error(error) for error in self.errors[:MOST_ERRORS]]
            document["error_count"] = self.error_count
        return document


def input_error(location: Location, code: str, message: str) -> InputError:
    return {"location": list(location), "code": code, "message": message}


def shorten(text: str, longest: int = LONGEST_VALUE) -> str:
    """The text, cut so that no response echoes a long input, and free of what UTF-8 cannot carry."""
    return cut(text.encode("utf-8", "replace").decode(), longest)


def shorten_error(error: InputError) -> InputError:
    location = [shorten(part) if isinstance(part, str) else part for part in error["location"][:10]]
    return {"location": location, "code": error["code"], "message": shorten(error["message"], 200)}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with a space before it and the nearest known word in it, or nothing."""
    nearest = nearest_name(word, known)
    return "" if nearest is None else f" Did you mean `{shorten(nearest)}`?"


def sentence(message: str) -> str:
    """An error's message as a sentence: with a capital letter and an end."""
    end = "" if message.endswith((".", "?", "!")) else "."
    return f"{message[:1].upper()}{message[1:]}{end}"


class UnreadableBody(Problem):
    """The body is not what its Content-Type says: broken JSON, NaN or Infinity, wrong encoding, or nested too deep."""

    status, slug, title = 400, "unreadable-body", "The body could not be read"


class BadRequest(Problem):
    """What was sent is no HTTP request that this server can read. The connection is closed."""

    status, slug, title = 400, "bad-request", "This is no HTTP request that can be read"


class BadHost(Problem):
    """The Host header names none of this server's names. Add the name to FEEDFORWARD_ALLOWED_HOSTS to serve it."""

    status, slug, title = 400, "bad-host", "The Host header is not one of this server's names"


class CrossSite(Problem):
    """A web page of another site tried to change something here. Browsers must call from this server's own pages."""

    status, slug, title = 403, "cross-site", "Requests from other sites may not change anything"


class NotFound(Problem):
    """There is nothing at this address, or no model, version, alias, job or dataset of that name."""

    status, slug, title = 404, "not-found", "Not found"


class MethodNotAllowed(Problem):
    """The address exists, but not for this method. The Allow header lists those that work."""

    status, slug, title = 405, "method-not-allowed", "This address does not take that method"


class NotAcceptable(Problem):
    """None of the types in the Accept header can be answered here."""

    status, slug, title = 406, "not-acceptable", "None of the accepted types can be answered"


class RequestTimeout(Problem):
    """The request's head or body took too long to arrive. Send it again, in one go."""

    status, slug, title = 408, "request-timeout", "The request took too long to arrive"


class Conflict(Problem):
    """The state of the resource does not allow this now: it is in use, taken, or already ended."""

    status, slug, title = 409, "conflict", "The state of the resource does not allow this"


class Gone(Problem):
    """The version was deleted. Its number is never given again."""

    status, slug, title = 410, "gone", "This version was deleted"


class PreconditionFailed(Problem):
    """If-Match names a state that is no more: somebody else changed the resource first. Read it again, then decide."""

    status, slug, title = 412, "precondition-failed", "The resource was changed by somebody else first"


class TooLarge(Problem):
    """The body is over a limit. The detail names the limit and the setting that raises it."""

    status, slug, title = 413, "too-large", "The body is too large"


class UnsupportedType(Problem):
    """This address does not take that Content-Type or Content-Encoding. The detail names the header to send."""

    status, slug, title = 415, "unsupported-type", "This type of body is not taken here"


class InvalidInput(Problem):
    """The body could be read, but something in it is wrong. `errors` says where and why."""

    status, slug, title = 422, "invalid-input", "The input is not valid"


class TooManyRequests(Problem):
    """A limit of rate or of queue length was reached. Retry-After says when to come back."""

    status, slug, title = 429, "too-many-requests", "Too many requests"


class HeadTooLarge(Problem):
    """The address with the headers, or the trailers, are over 64 KiB or 100 lines. The connection is closed."""

    status, slug, title = 431, "head-too-large", "The request's headers are too large"


class Unavailable(Problem):
    """The server can't answer this for the moment. Retry-After says when to come back."""

    status, slug, title = 503, "unavailable", "Not available for the moment"


class CorruptVersion(Unavailable):
    """The stored weights of this version don't match their checksum. Restore a backup, or train it again."""

    slug, title = "corrupt-version", "The weights of this version are damaged"


class DiskFull(Problem):
    """The disk is full. Reads go on; free some space and send the request again."""

    status, slug, title = 507, "disk-full", "The disk is full"


class TrainingFailed(Problem):
    """The training could not be completed. The detail says what to change."""

    status, slug, title = 422, "training-failed", "The training failed"


class WorkerLost(Problem):
    """The training's worker process died again and again. The detail says how often and why, where that is known."""

    status, slug, title = 500, "worker-lost", "The training's worker was lost"


class InternalError(Problem):
    """A fault of this software. The request's id is in the server's log, next to what happened."""


def every_problem() -> list[type[Problem]]:
    """All classes of problems, for the pages at /problems."""

    def below(parent: type[Problem]) -> list[type[Problem]]:
        return [kind for child in parent.__subclasses__() for kind in (child, *below(child))]

    return below(Problem)
