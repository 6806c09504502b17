"""A real local server that speaks the OpenAI chat protocol, for as much of it as a judge needs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.http_server import Answer, Received, http_server


class Server:
    """What was asked, and what goes wrong first.

    Attributes:
        url: Base address.
        asked: The bodies of all requests.
        keys: Their Authorization headers.
        failures: Status codes to answer with before the first reply.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.failures: list[int] = []


@contextmanager
def chat_server(answer: Callable[[str], str]) -> Iterator[Server]:
    """Serve on loopback until the block ends."""
    server = Server()

    def reply(request: Received) -> Answer:
        body, key = request.json(), request.headers["Authorization"]
        server.asked.append(body)
        server.keys.append(key)
        if server.failures:
            return _answer(server.failures.pop(0), {"error": {"message": f"key {key}"}})
        text = answer(body["messages"][0]["content"])
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}
        content = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"]}
        return _answer(200, {**content, "choices": [choice], "usage": usage})

    with http_server(reply) as http:
        server.url = f"{http.url}v1"
        yield server


def _answer(status: int, content: dict[str, Any]) -> Answer:
    headers = {"Content-Type": "application/json", "retry-after-ms": "1"}
    return Answer(status, json.dumps(content).encode(), headers)
