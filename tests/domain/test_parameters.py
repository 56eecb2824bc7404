from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.parameters import settings_from_parameters, settings_to_parameters
from graph.domain.templates import ModelSettings

SCHEMA = {"type": "object"}
FORMAT = {"type": "json_schema", "json_schema": {"name": "response", "schema": SCHEMA}}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 9),
    st.floats(-1, 2),
    st.sampled_from(["gpt-4o-mini", "", " x"]),
    st.sampled_from([[], [{"type": "function"}], ["x"], SCHEMA, FORMAT, {**FORMAT, "strict": True}]),
)
NAMES = ["model", "temperature", "top_p", "max_tokens", "tools", "response_format", "max_completion_tokens", "stop"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_parameters_come_back_as_they_were_given(parameters: dict[str, Any]) -> None:
    assert settings_to_parameters(settings_from_parameters(parameters)) == parameters


def test_each_known_parameter_has_its_own_setting() -> None:
    given = {
        "model": "m",
        "temperature": 1,
        "top_p": 0.5,
        "max_tokens": 7,
        "tools": [{"a": 1}],
        "response_format": FORMAT,
        "seed": 3,
    }
    assert settings_from_parameters(given) == ModelSettings("m", 1.0, 0.5, 7, ({"a": 1},), SCHEMA, {"seed": 3})


@pytest.mark.parametrize(("name", "value"), [("temperature", "hot"), ("max_tokens", True), ("model", 3)])
def test_what_does_not_fit_its_name_is_kept_beside_the_settings(name: str, value: object) -> None:
    assert settings_from_parameters({name: value}) == ModelSettings(extra={name: value})


def test_nothing_said_is_no_settings() -> None:
    assert settings_from_parameters({}) is None
    assert settings_to_parameters(None) == {}


def test_what_is_said_twice_the_setting_says() -> None:
    assert settings_to_parameters(ModelSettings(model="a", extra={"model": "b"})) == {"model": "a"}
