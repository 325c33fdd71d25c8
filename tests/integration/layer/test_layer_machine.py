"""Hypothesis plays with real sessions; a model says what has to come of it."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.demo.launch import LaunchedContainer
from runtime.model import EngineSettings
from tests.integration.layer.machine import LayerMachine

# So many runs of so many steps each, always the same ones; asked for more, others each time.
MORE = os.environ.get("EXECTOP_MACHINE_EXAMPLES")
EXAMPLES = int(MORE or "8")
STEPS = 15


@pytest.mark.timeout(120 + 30 * EXAMPLES)
def test_sessions_do_what_the_model_says(
    container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    class Here(LayerMachine):
        def __init__(self) -> None:
            super().__init__(engine_settings, container.id)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not MORE,
            database=None,
            # Each try takes seconds, so the first failure is told as it is.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
