"""`make load` in its bounded form: nothing fails but what a killed API process had in its hands."""

import pytest

from bench.stays_up import run

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

SECONDS = 10.0
KILL_SECONDS = 1.0  # after the last one is back: about all seven kinds in the time


def test_mixed_load_survives_the_kill_of_every_child() -> None:
    outcome = run(SECONDS, KILL_SECONDS)
    assert outcome.faults == [], outcome
