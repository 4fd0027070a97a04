"""Will this TensorFlow run here? The knowledge base and the questions it answers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.api import KnowledgeBase

__all__ = ["KnowledgeBase"]


def __getattr__(name: str) -> Any:
    """Load what `__all__` names when it is asked for: a command should not pay for it."""
    if name in __all__:
        from kb import api

        return getattr(api, name)
    raise AttributeError(f"module 'kb' has no attribute {name!r}")
