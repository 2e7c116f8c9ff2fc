"""Revaluations over REST."""

from __future__ import annotations

import datetime

from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.views import ResourceViewSet
from ledger.bodies import FxRevaluationBody
from ledger.resources import FX_REVALUATIONS
from ledger.rules import PERIOD_CLOSED, RATE_MISSING
from ledger.serializers import FxRevaluationInput
from ledger.services.revaluations import revalue


class FxRevaluationViewSet(ResourceViewSet):
    of = FX_REVALUATIONS

    @describe(
        takes=FxRevaluationInput,
        gives=FxRevaluationBody,
        status=201,
        example={"as_of": datetime.date(2024, 1, 31)},
        rules=(RATE_MISSING, PERIOD_CLOSED),
    )
    def create(self, request: Request) -> Response:
        """Posts what foreign accounts gained or lost until the end of a day, and reverses it on the next one."""
        return Response(revalue(**FxRevaluationInput.read(request.data), acting=self.principal), status=201)
