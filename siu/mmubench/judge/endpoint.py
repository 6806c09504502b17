"""A judge behind any OpenAI-compatible endpoint.

The key comes from an environment variable and goes nowhere but into the request's header: it is in no
parameter, file, log or error message.
"""

import os
import time
from collections.abc import Callable
from typing import Any

from siu.config.params import JudgeParams
from siu.config.section import is_safe_address
from siu.errors import InputError, ModelError
from siu.mmubench.judge.prompt import estimated_tokens

NO_KEY = "none"


class EndpointJudge:
    """Asks a chat model one prompt at a time, no faster than allowed.

    The client repeats what fails for a while (408, 409, 429, 5xx, lost connections), waiting ever longer.

    Attributes:
        prompt_tokens: Tokens sent so far, as the endpoint counts them.
        reply_tokens: Tokens received so far.

    Args:
        params: Address, model, limits and prices.

    Raises:
        InputError: ``E-JDG-001`` the optional package ``openai`` is missing, or the address is not safe.
    """

    def __init__(self, params: JudgeParams) -> None:
        try:
            import openai
        except ImportError:
            raise InputError(
                "E-JDG-001", "a judge behind an endpoint needs the package openai", "pip install 'siu[judge]'"
            ) from None
        self._params, self._model, self._url = params, params.model or "", params.url or ""
        if not is_safe_address(self._url):
            raise InputError(
                "E-JDG-001",
                "judge.url must be https (http on this machine only) and hold no user or password",
                "Put the key into the environment variable named by judge.key_variable",
            )
        self._errors: Any = openai.OpenAIError
        self._client = openai.OpenAI(
            base_url=self._url,
            api_key=os.environ.get(params.key_variable) or NO_KEY,
            max_retries=params.retries,
            timeout=params.timeout_seconds,
        )
        self.prompt_tokens = self.reply_tokens = 0

    @property
    def identity(self) -> str:
        """The model, the address and the longest reply."""
        return f"{self._model} at {self._url}, at most {self._params.max_tokens} tokens"

    @property
    def cost(self) -> float:
        """What was spent so far at the configured prices."""
        return _price(self._params, self.prompt_tokens, self.reply_tokens)

    def ask(self, prompts: list[str], on_reply: Callable[[int, str], None]) -> None:
        """Answer each prompt in turn.

        Raises:
            InputError: ``E-JDG-003`` the estimated cost is above the limit; nothing was sent.
            ModelError: ``E-JDG-002`` the endpoint doesn't answer; replies so far were handed over.
        """
        estimate = estimated_cost(prompts, self._params)
        if estimate > self._params.max_cost:
            what = (
                f"{len(prompts)} ratings would cost about {estimate:.2f}, more than {self._params.max_cost:g}"
            )
            raise InputError("E-JDG-003", what, "Raise judge.max_cost, or lower evaluation.pictures")
        for index, prompt in enumerate(prompts):
            started = time.monotonic()
            on_reply(index, self._reply(prompt))
            rest = 60 / self._params.requests_per_minute - (time.monotonic() - started)
            if rest > 0 and index + 1 < len(prompts):
                time.sleep(rest)

    def _reply(self, prompt: str) -> str:
        try:
            done = self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "user", "content": prompt}],
                temperature=0,
                max_tokens=self._params.max_tokens,
            )
        except self._errors as error:
            status = getattr(error, "status_code", None)
            what = (
                f"the judge doesn't answer ({type(error).__name__}{f', status {status}' if status else ''})"
            )
            remedy = (
                f"Check judge.url, judge.model and the key in {self._params.key_variable}, then start again"
            )
            raise ModelError("E-JDG-002", what, remedy, self.identity) from None
        if done.usage is not None:
            self.prompt_tokens += done.usage.prompt_tokens
            self.reply_tokens += done.usage.completion_tokens
        return (done.choices[0].message.content or "") if done.choices else ""


def estimated_cost(prompts: list[str], params: JudgeParams) -> float:
    """Return about what the ratings cost, all replies at their longest; 0 without prices."""
    return _price(params, estimated_tokens(prompts), len(prompts) * params.max_tokens)


def _price(params: JudgeParams, sent: int, received: int) -> float:
    return (sent * params.price_per_million_sent + received * params.price_per_million_received) / 1e6
