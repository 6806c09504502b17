"""Parameters as others may see them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.config.notify import MailParams
from siu.config.params import NotifyParams, Params, TrackingParams
from siu.config.public import masked, public_params

WORDS = st.text("abcXYZ0189._-%:", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
        ("mlflow.db", "mlflow.db"),
        ("https://host:5000/a", "https://host:5000/a"),
        ("https://anna:pw@host:5000/a", "https://***@host:5000/a"),
        ("https://anna@host", "https://***@host"),
        ("mysql+pymysql://anna:p@ss@host/db?charset=utf8", "mysql+pymysql://***@host/db?charset=utf8"),
        ("postgresql://host/db?user=anna&password=pw&a=b", "postgresql://host/db?user=anna&password=***&a=b"),
        ("https://host/?ACCESS_TOKEN=abc", "https://host/?ACCESS_TOKEN=***"),
        ("https://anna:pw@[host", "https://***"),
    ],
)
def test_what_logs_in_is_masked_and_nothing_else(address: str, shown: str) -> None:
    assert masked(address) == shown


@given(user=WORDS, password=st.text("qQ7!$@~", min_size=4, max_size=12))
def test_no_password_is_left_in_any_parameter(user: str, password: str) -> None:
    params = Params(tracking=TrackingParams(uri=f"postgresql://{user}:{password}@host/db"))
    assert password not in json.dumps(public_params(params))


def test_parameters_without_an_address_stay_as_they_are() -> None:
    assert public_params(Params()) == Params().model_dump(mode="json")


def test_nothing_is_shown_of_a_webhook() -> None:
    params = Params(notify=NotifyParams(webhook="https://hooks.example.org/services/T0/B0/letmein"))
    assert public_params(params)["notify"]["webhook"] == "***"
    assert public_params(Params())["notify"]["webhook"] is None


def test_nobody_learns_who_gets_mail() -> None:
    mail = MailParams(
        host="mail.example.org", sender="siu@example.org", to=("anna@example.org",), user="anna"
    )
    shown = public_params(Params(notify=NotifyParams(mail=mail)))["notify"]["mail"]
    assert "example.org" in shown["host"]
    assert (shown["sender"], shown["to"], shown["user"]) == ("***", "***", "***")
