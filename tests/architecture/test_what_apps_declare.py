"""What an app declares in its `apps.py` is there: paths lead somewhere, jobs are tasks, queues have workers."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.utils.module_loading import import_string

from bigledger.access.scopes import WRITERS
from bigledger.apps import BusinessApp, business_apps
from bigledger.broker import CLOCK, MAILS
from bigledger.celery import app as celery
from bigledger.clock import jobs

APPS = business_apps()


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.label)
def test_every_path_leads_somewhere(app: BusinessApp) -> None:
    for module in filter(None, (app.routes, app.schema, app.soundness, *app.pages.values())):
        import_module(module)
    functions = [part for report in app.reports.values() for part in (report.params, report.build)]
    charts = [app.charts.apply] if app.charts else []
    for path in filter(None, (app.aliases, *functions, *app.on_numbered, *app.demo, *charts)):
        import_string(path)


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.label)
def test_every_icon_is_of_a_model(app: BusinessApp) -> None:
    assert app.admin_icons.keys() <= {model.__name__ for model in app.get_models()}
    assert app.admin_group


def test_every_job_is_a_task_and_every_queue_has_a_worker() -> None:
    celery.loader.import_default_modules()
    queues = {CLOCK, MAILS, *(queue for app in APPS for queue in app.queues)}
    assert {job.task for job in jobs().values()} <= celery.tasks.keys()
    assert {job.queue for job in jobs().values()} == queues


def test_nothing_is_declared_twice() -> None:
    """A name of a later app would silently take the place of an earlier one's."""
    for one in ("scopes", "reports", "jobs", "pages", "admin_icons"):
        names = [name for app in APPS for name in getattr(app, one)]
        assert len(names) == len(set(names)), one
    assert len(jobs()) == sum(len(app.jobs) for app in APPS) + 4
    assert len(WRITERS) == sum(len(app.scopes) for app in APPS) + 9
