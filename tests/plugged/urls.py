from __future__ import annotations

from rest_framework.routers import SimpleRouter

from tests.plugged.views import CostCenterViewSet

router = SimpleRouter(trailing_slash=False)
router.register("cost-centers", CostCenterViewSet, basename="cost-center")
urlpatterns = router.urls
