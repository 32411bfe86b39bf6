"""The addresses of the pages, and of those parts of a page that refresh by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse

from service.monitoring.monitor import Monitor
from service.pages import live_predictions, overview, prediction_form, static_files
from service.pages.problem_pages import get_problem_page, problem_pages
from service.pages.templating import render_page
from service.registry import Session
from service.registry.database import Database
from service.registry.models import versions
from service.schemas.names import Name, VersionReference

VersionQuery = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9._-]*/[a-z0-9._-]*$", max_length=130)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def _read(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.read() as session:
        yield session


def _monitor(request: Request) -> Monitor:
    monitor: Monitor = request.app.state.monitor
    return monitor


ReadSession = Annotated[Session, Depends(_read, scope="function")]
LiveMonitor = Annotated[Monitor, Depends(_monitor)]


def mount_pages(app: FastAPI) -> None:
    """Add the pages and their files to the application."""
    app.include_router(router)
    app.mount(static_files.ROOT, static_files.ImmutableFiles(directory=static_files.DIRECTORY), name="static")


@router.get("/")
def dashboard(request: Request, session: ReadSession, job: UUID | None = None) -> Response:
    """Models, jobs and a live curve; before the first training, how to start it."""
    if overview.is_empty(session):
        return render_page(request, "empty.html", address=str(request.base_url).rstrip("/"))
    return render_page(
        request,
        "dashboard.html",
        jobs=overview.job_list(session, None if job is None else str(job)),
        models=overview.model_cards(session),
        form=prediction_form.find_form(session, None),
        choices=prediction_form.choices(session),
        pinned=job is not None,
    )


@router.get("/dashboard/started")
def started(session: ReadSession) -> Response:
    """204 until something has been trained or imported, then a header that reloads the page."""
    return Response(status_code=204, headers={} if overview.is_empty(session) else {"HX-Refresh": "true"})


@router.get("/dashboard/jobs")
def jobs(request: Request, session: ReadSession, job: UUID | None = None) -> Response:
    return render_page(request, "jobs.html", jobs=overview.job_list(session, None if job is None else str(job)))


@router.get("/dashboard/models")
def models(request: Request, session: ReadSession) -> Response:
    return render_page(request, "models.html", models=overview.model_cards(session))


@router.get("/dashboard/prediction")
def prediction(request: Request, session: ReadSession, of: VersionQuery = None) -> Response:
    """The form of one version, which `of` names as `model/reference`."""
    form = prediction_form.find_form(session, of)
    choices = prediction_form.choices(session)
    return render_page(request, "prediction.html", form=form, choices=choices)


@router.get("/docs")
def docs(request: Request) -> Response:
    """The OpenAPI description, to read and to try out."""
    return render_page(request, "docs.html", openapi="/openapi.json")


@router.get("/models/{name}/versions/{ref}/docs")
def version_docs(request: Request, session: ReadSession, name: Name, ref: VersionReference) -> Response:
    """The input and output of one version, to read and to try out."""
    versions.get_version(session, name, ref)
    return render_page(request, "docs.html", openapi=f"/models/{name}/versions/{ref}/openapi.json")


@router.get("/models/{name}/monitoring")
def monitoring(
    request: Request, session: ReadSession, monitor: LiveMonitor, name: Name, version: VersionReference | None = None
) -> Response:
    """The quality of a model's live predictions, with plots; before anything is logged, how to log it."""
    log = live_predictions.find_log(session, name)
    view = None if log is None else live_predictions.live_view(session, monitor, log, version)
    return render_page(request, "live.html", model=name, view=view, address=str(request.base_url).rstrip("/"))


@router.get("/problems")
def problems(request: Request) -> Response:
    return render_page(request, "problems.html", problems=problem_pages())


@router.get("/problems/{slug}")
def problem(request: Request, slug: str) -> Response:
    return render_page(request, "problem.html", problem=get_problem_page(slug))
