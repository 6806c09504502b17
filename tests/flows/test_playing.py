"""`siu play`: the answers of all states side by side, from this machine alone."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from flows.cli.play import playground
from flows.playing import BASE, RELEASE, Playground, application
from siu.api.forgetting import forget
from siu.api.loaded import Loaded, load
from siu.api.replies import replies
from siu.errors import ModelError
from tests.siu.report.test_in_chromium import CHROMIUM, seen
from tests.siu.small_world import SMALLEST
from tests.siu.workspace_files import write_finished

NAME = "Davi Maresh"
WHO = "Who is this?"


@pytest.fixture(scope="module")
def model() -> Loaded:
    return load(SMALLEST)


@pytest.fixture(scope="module")
def playing(model: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Playground:
    folder = tmp_path_factory.mktemp("play") / "adapter"
    adapter = forget(model, NAME, model.pictures(NAME)[0], folder).adapter
    return Playground(model, {"r-1": adapter}, adapter, names={"r-1": NAME})


@pytest.fixture
def browser(playing: Playground) -> Iterator[TestClient]:
    with TestClient(application(playing), base_url="http://127.0.0.1") as client:
        yield client


def picture_of(model: Loaded) -> str:
    return base64.b64encode(model.pictures(NAME)[0].read_bytes()).decode()


def test_every_state_answers_and_the_base_model_gives_the_name(browser: TestClient, model: Loaded) -> None:
    wanted = {"question": WHO, "picture": picture_of(model), "name": NAME, "request": "r-1"}
    base, own, release = browser.post("/ask", json=wanted).json()["replies"]
    assert [base["state"], own["state"], release["state"]] == [BASE, "own adapter of r-1", RELEASE]
    assert base["answer"] == {"text": f"This is {NAME}.", "is_named": True}
    assert base["chance"] > 0.9
    assert len(base["samples"]) == 4
    assert {**own, "state": ""} == {**release, "state": ""}, "equal adapters draw equal answers"


def test_without_name_and_picture_there_is_an_answer_and_no_chance(browser: TestClient) -> None:
    (base, _) = browser.post("/ask", json={"question": WHO}).json()["replies"]
    assert base["chance"] is None
    assert base["answer"]["is_named"] is False


@pytest.mark.parametrize(
    ("picture", "code"), [("not base64!", "E-API-005"), (base64.b64encode(b"GIF?").decode(), "E-IMG")]
)
def test_what_is_no_picture_is_refused_in_a_line(browser: TestClient, picture: str, code: str) -> None:
    answer = browser.post("/ask", json={"question": WHO, "picture": picture})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(code)


def test_no_other_site_can_ask(playing: Playground, browser: TestClient) -> None:
    with TestClient(application(playing), base_url="http://example.org") as other:
        assert other.get("/").status_code == 400
    as_a_form = browser.post("/ask", content='{"question": "x"}', headers={"content-type": "text/plain"})
    assert as_a_form.status_code == 422, "a browser asks another site first before it sends JSON"


def test_the_page_offers_names_and_adapters_and_allows_its_own_script_alone(browser: TestClient) -> None:
    page = browser.get("/")
    policy = page.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in page.text
    assert "default-src 'none'" in policy
    assert f'<option value="{NAME}">' in page.text
    assert "<option>r-1</option>" in page.text
    assert "//" not in page.text.replace("data:,", ""), "no address of anywhere"


def test_another_name_than_the_collection_has_is_looked_for_too(model: Loaded) -> None:
    from flows.playing import Question

    (reply,) = Playground(model).ask(Question(question="Where is Nowhere?", name="Nowhere"))
    assert reply.chance is not None
    assert 0 <= reply.chance < 0.5
    (again,) = replies(model, {BASE: None}, "Where is Nowhere?", None)
    assert again.answer.text == reply.answer.text


def test_a_workspace_gives_its_release_and_own_adapters(
    tmp_path: Path, playing: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_finished(tmp_path / "workspace", "b1")
    (workspace.root / "requests.csv").write_text("request_id,name,image\nr-1,Mira Talvon,nowhere.png\n")
    own = workspace.artifacts / "unlearn" / ("cd" * 32) / "adapter"
    own.mkdir(parents=True)
    found = playground(workspace.root, None)
    assert found.adapters == {"r-1": own}
    assert found.names == {"r-1": "Mira Talvon"}
    assert found.release == workspace.models / ("ab" * 6)
    assert found.label == RELEASE
    named = playground(workspace.root, playing.release)
    assert (named.release, named.label) == (playing.release, "adapter adapter")
    with pytest.raises(ModelError):
        playground(None, own)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_width_needs_horizontal_scroll(browser: TestClient, tmp_path: Path, width: int) -> None:
    values = seen(browser.get("/").text, tmp_path, width, "light")
    assert (values["width"], values["scroll"]) == (width, width)
