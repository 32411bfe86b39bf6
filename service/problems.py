"""Errors that a user sees: one class each, an RFC 9457 problem document, and a page at /problems/<slug>."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypedDict

from models.errors import LONGEST_VALUE, cut, nearest_name

MOST_ERRORS = 20
LONGEST_DETAIL = 1000
# What other services call a field, or the same thing is called in another request.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "alias": ("version",),
    "data": ("inputs", "file"),
    "instances": ("inputs",),
    "rows": ("inputs",),
    "dataset": ("file",),
    "target": ("label",),
    "y": ("label",),
    "specification": ("spec",),
    "json": ("spec",),
    "lr": ("learning_rate",),
    "hidden_layers": ("hidden",),
    "layers": ("hidden",),
}

Location = Sequence[str | int]


class InputError(TypedDict):
    """One error in the input: where it is, its kind, and what to do."""

    location: list[str | int]
    code: str
    message: str


class Problem(Exception):
    """A response that is not a success. A subclass sets the class variables; its docstring is the text of its page."""

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
    names = list(known)
    nearest = next((name for name in OTHER_NAMES.get(word, ()) if name in names), None) or nearest_name(word, names)
    return "" if nearest is None else f" Did you mean `{shorten(nearest)}`?"


def sentence(message: str) -> str:
    """An error's message as a sentence: with a capital letter and an end."""
    return f"{message[:1].upper()}{with_end(message)[1:]}"


def with_end(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else f"{message}."


class UnreadableBody(Problem):
    """The body does not match its Content-Type: broken JSON, NaN or Infinity, wrong encoding, or nested too deeply."""

    status, slug, title = 400, "unreadable-body", "The body could not be read"


class BadRequest(Problem):
    """The bytes received are not an HTTP request that this server can read. The connection is closed."""

    status, slug, title = 400, "bad-request", "Not a readable HTTP request"


class BadHost(Problem):
    """The Host header is not one of this server's names. Add the name to FEEDFORWARD_ALLOWED_HOSTS to serve it."""

    status, slug, title = 400, "bad-host", "The Host header is not one of this server's names"


class CrossSite(Problem):
    """A page of another site tried to change something here. Browsers must use this server's own pages."""

    status, slug, title = 403, "cross-site", "Requests from other sites are not allowed to change anything"


class NotFound(Problem):
    """Nothing exists at this address, or there is no model, version, alias, job or dataset with that name."""

    status, slug, title = 404, "not-found", "Not found"


class MethodNotAllowed(Problem):
    """The address exists but does not support this method. The Allow header lists the methods that it supports."""

    status, slug, title = 405, "method-not-allowed", "Method not allowed"


class NotAcceptable(Problem):
    """This address can return none of the types in the Accept header. The detail lists those that it can."""

    status, slug, title = 406, "not-acceptable", "None of the accepted types is available"


class RequestTimeout(Problem):
    """The request's head or body took too long to arrive. Send it again without pauses."""

    status, slug, title = 408, "request-timeout", "The request took too long to arrive"


class Conflict(Problem):
    """The resource's current state does not allow this: it is in use, its name exists already, or it has ended."""

    status, slug, title = 409, "conflict", "The state of the resource does not allow this"


class Gone(Problem):
    """The version was deleted. Its number is never used again."""

    status, slug, title = 410, "gone", "This version was deleted"


class PreconditionFailed(Problem):
    """The resource has changed since you read the ETag in If-Match. Read it again, then decide."""

    status, slug, title = 412, "precondition-failed", "The resource has changed in the meantime"


class TooLarge(Problem):
    """The body exceeds a limit. The detail names the limit and the setting that raises it."""

    status, slug, title = 413, "too-large", "The body is too large"


class UnsupportedType(Problem):
    """This address does not accept that Content-Type or Content-Encoding. The detail names the header to send."""

    status, slug, title = 415, "unsupported-type", "Unsupported type of body"


class InvalidInput(Problem):
    """The body could be read, but something in it is invalid. `errors` lists where and why."""

    status, slug, title = 422, "invalid-input", "The input is not valid"


class TooManyRequests(Problem):
    """A limit of requests or of queued jobs is reached. Wait for the seconds in Retry-After, then try again."""

    status, slug, title = 429, "too-many-requests", "Too many requests"


class HeadTooLarge(Problem):
    """The request line and headers, or the trailers, exceed 64 KiB or 100 lines. The connection is closed."""

    status, slug, title = 431, "head-too-large", "The request's headers are too large"


class Unavailable(Problem):
    """The server can't handle this at the moment. Wait for the seconds in Retry-After, then try again."""

    status, slug, title = 503, "unavailable", "Temporarily unavailable"


class CorruptVersion(Unavailable):
    """The stored weights of this version don't match their checksum. Restore a backup, or train it again."""

    slug, title = "corrupt-version", "The weights of this version are damaged"


class DiskFull(Problem):
    """The disk is full. Reads still work; free some space and send the request again."""

    status, slug, title = 507, "disk-full", "The disk is full"


class TrainingFailed(Problem):
    """The training could not be completed. The detail explains what to change."""

    status, slug, title = 422, "training-failed", "The training failed"


class WorkerLost(Problem):
    """The training's worker process died repeatedly. The detail has the number of attempts and any known cause."""

    status, slug, title = 500, "worker-lost", "The training's worker was lost"


class InternalError(Problem):
    """A bug in this software. The server's log holds what happened, under the request's id."""


def is_out_of_descriptors(error: BaseException) -> bool:
    """Whether a system call failed because this process, or this machine, has as many files open as it may."""
    return isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)


def too_many_open_files() -> Unavailable:
    detail = "The server has too many open files. Send the request again in a moment."
    return Unavailable(detail, headers={"Retry-After": "1"})


def every_problem() -> list[type[Problem]]:
    """All classes of problems, for the pages at /problems."""

    def below(parent: type[Problem]) -> list[type[Problem]]:
        return [kind for child in parent.__subclasses__() for kind in (child, *below(child))]

    return below(Problem)
