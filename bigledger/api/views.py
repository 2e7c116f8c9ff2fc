"""What the views of all resources share: the caller, lists and single objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from bigledger.access.principal import Principal
from bigledger.api.listing import Listing
from bigledger.api.lookup import find


class ApiViewSet(ViewSet):
    """Base of the API's views."""

    resource: ClassVar[str]

    @property
    def principal(self) -> Principal:
        return cast(Principal, self.request.user)


class ResourceViewSet(ApiViewSet):
    """Lists and single objects of one model.

    A resource declares its `listing` and says how rows are read (`rows`) and shown (`present`); what
    changes them is a method that calls one service.
    """

    listing: ClassVar[Listing]
    natural_field: ClassVar[str | None] = None

    def rows(self) -> QuerySet[Any]:
        raise TypeError(f"{type(self).__name__} does not say how its rows are read")

    def present(self, rows: Sequence[Any]) -> list[Any]:
        raise TypeError(f"{type(self).__name__} does not say how its rows are shown")

    def find(self, pk: str) -> Any:
        return find(cast(QuerySet[Model], self.rows()), pk, self.natural_field)

    def list(self, request: Request) -> Response:
        page = self.listing.read(self.rows(), request.query_params)
        return Response({"data": self.present(page.rows), "meta": page.meta})

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.present([self.find(pk)])[0])
