"""What an app of the business declares. The platform reads this registry and names no app.

An app is added by `INSTALLED_APPS`. It names its own modules as dotted paths, because Django reads declarations before
any model exists. Three things need no declaration: `events.py`, `rules.py` and `mails.py` of every app are read at the
start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.apps import AppConfig, apps

from bigledger.broker import CLOCK


class Writers(Enum):
    """Who may write a resource: each of these and those above it; nobody what is only read. Every role may read."""

    OWNERS = "owners"
    ACCOUNTANTS = "accountants"
    CLERKS = "clerks"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Report:
    """`params` is the shape that reads the query, `build` the function that takes it and gives the report.

    `table` is for a report that is given in pages, or does not fit into memory: it takes the report, and yields the
    names of the columns and then all rows, for CSV and XLSX. `sheet` takes it too and gives the `Sheet` that a PDF
    is made from; without it, its columns stand there as they are.
    """

    params: str
    build: str
    table: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Figures that a socket may watch. `read` is the function that gives the body, in the tenant in context; whoever
    may read `resource` may watch them."""

    resource: str
    read: str


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts of accounts that a new tenant can begin with: their names, and the function that takes one of them and
    the `Principal`."""

    names: Sequence[str]
    apply: str


@dataclass(frozen=True, slots=True)
class Job:
    """A task that the clock asks for; nobody works on what has waited in its queue for `expires_seconds`."""

    task: str
    every_seconds: int
    queue: str = CLOCK
    expires_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure of /metrics: how many rows `query` gives. The worker's role asks, which sees every tenant."""

    name: str
    meaning: str
    query: str


class BusinessApp(AppConfig):
    """The base of `<app>/apps.py`. Whatever an app leaves out, it does not have."""

    default = False  # the base is no app: Django would take it for the one of `bigledger`

    # A module with `urlpatterns`, mounted under `/v1` and described by the OpenAPI document.
    routes = ""
    # A list of patterns with further names of the same addresses, which the document leaves out.
    aliases = ""
    # Pages beside the API: by their path, modules with `urlpatterns`.
    pages: Mapping[str, str] = {}
    # A module with `FIELDS`: what it has in GraphQL.
    schema = ""
    # By the name in `/v1/reports/<name>`.
    reports: Mapping[str, Report] = {}
    # By the name that a socket asks for with `watch`.
    states: Mapping[str, State] = {}
    # Its resources: `read:<name>` and `write:<name>` become scopes.
    scopes: Mapping[str, Writers] = {}
    # By a name of the clock's own record, which says what the job is for.
    jobs: Mapping[str, Job] = {}
    # "sales" or "purchases", if its documents post entries of that scope, for which periods can be closed alone.
    period_scope = ""
    # A function that takes the last day of a period and gives the `ChecklistItem`s of its part of the books.
    checklist = ""
    # Queues of tasks that must not wait for others: each has a worker of its own.
    queues: Sequence[str] = ()
    # A module with `FIELDS`: what the fields of its objects mean, by `name` or `Object.name`, for the OpenAPI document.
    wording = ""
    # Functions that the relay calls in its own process after it numbered events.
    on_numbered: Sequence[str] = ()
    gauges: Sequence[Gauge] = ()
    charts: Charts | None = None
    # A module with `CHECKS` and `find_faults(tenant_id)` for `manage.py check_books`; `RECORDED` for `verify_books`.
    soundness = ""
    # What builds its part of the demo books: functions that take the `Principal`, in this order.
    demo: Sequence[str] = ()
    # A function that gives its part (`Start`) of the start page of the back office.
    start = ""
    # Where its pages stand in the menu of the back office, and icons (Material Symbols) by model.
    admin_group = ""
    admin_icons: Mapping[str, str] = {}

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        cls.default = True


def business_apps() -> list[BusinessApp]:
    """Every installed app of the business, in the order of INSTALLED_APPS."""
    return [app for app in apps.get_app_configs() if isinstance(app, BusinessApp)]
