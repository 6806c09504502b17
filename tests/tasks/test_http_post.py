"""A message goes to the address that was written down, and no answer is too long or too slow."""

import time

import pytest

from tasks.http_post import PostError, post
from tests.http_server import Answer, http_server


def test_an_answer_is_returned_up_to_its_largest_size() -> None:
    with http_server(lambda request: Answer(200, request.body * 2)) as server:
        assert post(server.url, b"ab", {"Content-Type": "text/plain"}, largest=4) == b"abab"
        assert server.received[0].headers["Content-Type"] == "text/plain"
        with pytest.raises(PostError, match="longer than 3 bytes"):
            post(server.url, b"ab", {}, largest=3)
        assert post(server.url, b"ab", {}) == b"", "it is not read where nobody wants it"


@pytest.mark.parametrize("code", [302, 307, 404, 503])
def test_another_answer_than_success_is_an_error_and_no_redirect_is_followed(code: int) -> None:
    with http_server() as server:
        server.codes = [code]
        with pytest.raises(PostError, match=f"status {code}"):
            post(server.url, b"", {})
        assert len(server.received) == 1


def test_nobody_is_waited_for_longer_than_is_said() -> None:
    def slow(_: object) -> Answer:
        time.sleep(1)
        return Answer()

    with http_server(slow) as server, pytest.raises(PostError, match="ReadTimeout"):
        post(server.url, b"", {}, timeout=0.2)


def test_who_is_not_there_is_told_without_the_address() -> None:
    with http_server() as server:
        gone = f"{server.url}secret"
    with pytest.raises(PostError) as caught:
        post(gone, b"", {})
    assert "secret" not in str(caught.value)
    with pytest.raises(PostError):
        post("http://[x", b"", {})
