from __future__ import annotations

from rest_framework.routers import SimpleRouter

from ledger.views.accounts import AccountViewSet
from ledger.views.documents import DocumentViewSet
from ledger.views.entries import JournalEntryViewSet

router = SimpleRouter(trailing_slash=False)
router.register("accounts", AccountViewSet, basename="account")
router.register("journal-entries", JournalEntryViewSet, basename="journal-entry")
router.register("documents", DocumentViewSet, basename="document")
urlpatterns = router.urls
