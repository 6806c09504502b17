"""What `siu play` serves on this machine: a page, and the answers that it asks for."""

import base64
import binascii
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from siu.api.loaded import Loaded
from siu.api.replies import StateReply, replies
from siu.data.concepts import Concept
from siu.errors import InputError, SiuError

HOSTS = ("127.0.0.1", "localhost")
"""The page answers under these names alone: no other site can have a browser ask it."""
BASE, RELEASE = "base model", "release"
_LONGEST = 40_000_000


class Question(BaseModel):
    """What the page asks.

    Attributes:
        question: The question.
        picture: The picture's file, base64; None for a question as text.
        name: Whose name is looked for; empty for nobody's.
        request: Whose own adapter is asked too.
    """

    question: str = Field(min_length=1, max_length=500)
    picture: str | None = Field(default=None, max_length=_LONGEST)
    name: str = Field(default="", max_length=200)
    request: str = ""


@dataclass(frozen=True)
class Playground:
    """A loaded model and the adapters to be asked beside it.

    Attributes:
        model: The base model.
        adapters: Adapter folder by request id.
        release: The release's adapter, or the one that the user named; None without one.
        label: What that one is called.
        names: Display name by request id.
    """

    model: Loaded
    adapters: dict[str, Path] = field(default_factory=dict)
    release: Path | None = None
    label: str = RELEASE
    names: dict[str, str] = field(default_factory=dict)
    _asking: Lock = field(default_factory=Lock, repr=False, compare=False)

    def ask(self, question: Question) -> tuple[StateReply, ...]:
        """Return the answers of all states; one question at a time.

        Raises:
            SiuError: The picture or an adapter can't be used.
        """
        states: dict[str, Path | None] = {BASE: None}
        if question.request in self.adapters:
            states[f"own adapter of {question.request}"] = self.adapters[question.request]
        if self.release is not None:
            states[self.label] = self.release
        concept = self._concept(question.name.strip())
        with self._asking, tempfile.TemporaryDirectory() as folder:
            picture = _written(question.picture, Path(folder)) if question.picture else None
            return replies(self.model, states, question.question, picture, concept)

    def _concept(self, name: str) -> Concept | None:
        """Return the collection's concept of a name, or one that has nothing but the name."""
        if not name:
            return None
        try:
            return self.model.concept(name)
        except InputError:
            return Concept("asked", name, "other")


def application(playground: Playground) -> FastAPI:
    """Return the server's application."""
    app = FastAPI(title="SIU play", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))

    @app.get("/")
    def page() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; "
            "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(_page(playground, nonce), headers={"Content-Security-Policy": policy})

    @app.post("/ask")
    def ask(question: Question) -> dict[str, Any]:
        return {"replies": [asdict(reply) for reply in playground.ask(question)]}

    @app.exception_handler(SiuError)
    def refuse(_: Request, error: SiuError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=422)

    return app


def _page(playground: Playground, nonce: str) -> str:
    from siu.report.html import environment

    known = [concept.name for concept in playground.model.collection.concepts]
    names = sorted({*known, *playground.names.values()})
    template = environment().get_template("play.html.jinja")
    return template.render(nonce=nonce, names=names, adapters=list(playground.adapters))


def _written(picture: str, folder: Path) -> Path:
    file = folder / "picture"
    try:
        file.write_bytes(base64.b64decode(picture, validate=True))
    except (binascii.Error, ValueError):
        raise InputError("E-API-005", "the picture is no base64", "Choose a file again") from None
    return file
