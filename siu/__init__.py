"""Single Image Unlearning for multimodal LLMs: the method, without any server.

Names are loaded when they are used: `import siu` costs nothing, torch comes with `load`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siu.api.asking import ask
    from siu.api.forgetting import Forgotten, forget
    from siu.api.loaded import Loaded, load
    from siu.api.measuring import attack, evaluate
    from siu.client import Client

__all__ = ["Client", "Forgotten", "Loaded", "ask", "attack", "evaluate", "forget", "load"]

_MODULES = {
    "api.asking": ("ask",),
    "api.forgetting": ("Forgotten", "forget"),
    "api.loaded": ("Loaded", "load"),
    "api.measuring": ("attack", "evaluate"),
    "client": ("Client",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"siu.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
