from __future__ import annotations

from bigledger.apps import BusinessApp, Gauge, Job, Report, Writers


class Plugged(BusinessApp):
    name = "tests.plugged"
    verbose_name = "Cost centers"
    routes = "tests.plugged.urls"
    pages = {"cost-centers/": "tests.plugged.page_urls"}
    reports = {"cost_centers": Report("tests.plugged.serializers.CostCentersParams", "tests.plugged.reports.report")}
    schema = "tests.plugged.schema"
    scopes = {"cost_centers": Writers.ACCOUNTANTS}
    jobs = {"close cost centers": Job("plugged.close", every_seconds=3600, queue="plugged")}
    queues = ("plugged",)
    on_numbered = ("tests.plugged.tasks.wake",)
    gauges = (Gauge("cost_centers", "Cost centers there are.", "SELECT 1 FROM plugged_costcenter"),)
    admin_group = "Planning"
    admin_icons = {"CostCenter": "hub"}
    demo = ("tests.plugged.services.demo",)
    soundness = "tests.plugged.reports"
