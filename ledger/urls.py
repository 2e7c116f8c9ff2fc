from __future__ import annotations

from rest_framework.routers import SimpleRouter

from ledger.views import AccountViewSet, DocumentViewSet, JournalEntryViewSet

router = SimpleRouter(trailing_slash=False)
router.register("accounts", AccountViewSet, basename="account")
router.register("journal-entries", JournalEntryViewSet, basename="journal-entry")
router.register("documents", DocumentViewSet, basename="document")
urlpatterns = router.urls
