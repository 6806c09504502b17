"""What stands before every server started here: the right name, no foreign page, the password.

A browser sends the password along with every request once its user has typed it, also with those that
another site's page makes. So a request counts only if it names this server (a foreign name that was pointed
at this machine doesn't), and if the page that made it came from here.
"""

import base64
import binascii
import hmac

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from tasks.ports import HOST as HOST

USER = "siu"
_OWN_SITES = ("same-origin", "none")
"""``none`` is what a user types or opens from a bookmark."""


class Gate:
    """Passes on what comes from whom the server is for; all else gets 401 or 403.

    Args:
        app: The server behind.
        port: Where it listens, on loopback.
        password: Of the user ``siu``.
    """

    def __init__(self, app: ASGIApp, port: int, password: str) -> None:
        self._app = app
        self._host = f"{HOST}:{port}"
        self._login = f"{USER}:{password}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or refuse it."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if headers.get("host") != self._host:
            return PlainTextResponse(f"This server is http://{self._host} and no other name.\n", 403)
        if self._is_foreign(headers):
            return PlainTextResponse("Another site's page can't ask this server.\n", 403)
        if not self._is_known(headers.get("authorization", "")):
            challenge = {"WWW-Authenticate": 'Basic realm="siu", charset="UTF-8"'}
            return PlainTextResponse("The password is missing or wrong.\n", 401, challenge)
        return None

    def _is_foreign(self, headers: Headers) -> bool:
        """Return whether another site's page made the request; following a link from there is allowed."""
        if headers.get("origin", f"http://{self._host}") != f"http://{self._host}":
            return True
        if headers.get("sec-fetch-site", "none") in _OWN_SITES:
            return False
        is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return not is_link

    def _is_known(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            login = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(login, self._login)
