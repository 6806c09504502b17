"""The gate before every server: whoever has no password, or comes from a foreign page, gets no further."""

import asyncio
import base64

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from flows.orchestration.gate import Gate

PORT, WORD = 4200, "a long password"
OWN = f"http://127.0.0.1:{PORT}"


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("open")
    await websocket.close()


def _answer(_: object) -> PlainTextResponse:
    return PlainTextResponse("behind")


APP = Gate(
    Starlette(routes=[Route("/", _answer, methods=["GET", "POST"]), WebSocketRoute("/in", _socket)]),
    PORT,
    WORD,
)


def code(method: str = "GET", password: str = WORD, url: str = OWN, **headers: str) -> int:
    """Return what a request gets whose password, as a browser would do it, is always sent along."""

    async def ask() -> int:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=url) as client:
            return (await client.request(method, "/", headers=names, auth=("siu", password))).status_code

    return asyncio.run(ask())


def test_the_password_opens() -> None:
    assert code() == 200
    assert code("POST", Origin=OWN, Sec_Fetch_Site="same-origin") == 200


@pytest.mark.parametrize("password", ["", "a long passwor", "a long password ", "ä" * 20])
def test_a_wrong_password_gets_401(password: str) -> None:
    assert code(password=password) == 401


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer c2l1OmEgbG9uZyBwYXNzd29yZA==", "Basic c2l1"]
)
def test_no_password_and_odd_ones_get_401_and_are_asked_for_it(header: str) -> None:
    client = TestClient(APP, base_url=OWN)
    answer = client.get("/", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_foreign_name_that_points_here_gets_403() -> None:
    assert code(url="http://evil.example:4200") == 403
    assert code(url="http://127.0.0.1:5000") == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8888", "http://localhost:4200"]
)
def test_a_foreign_page_gets_403_although_the_browser_sends_the_password(origin: str) -> None:
    assert code("POST", Origin=origin) == 403
    assert code("GET", Origin=origin) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_can_link_here_and_embed_nothing(site: str) -> None:
    assert code(Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document") == 200
    assert code(Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe") == 403
    assert code(Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image") == 403


def test_web_sockets_pass_the_same_gate() -> None:
    client = TestClient(APP, base_url=OWN)
    login = {"Authorization": "Basic " + base64.b64encode(f"siu:{WORD}".encode()).decode()}
    host = {"Host": f"127.0.0.1:{PORT}"}
    with client.websocket_connect("/in", headers=host | login) as socket:
        assert socket.receive_text() == "open"
    for headers in (host, host | login | {"Origin": "http://evil.example"}, login):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/in", headers=headers):
            pass
