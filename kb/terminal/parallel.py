"""Do the same work on many items, a few at a time, showing how far it has come."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from kb.terminal.progress import progress

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


def in_parallel(
    title: str,
    items: Collection[_Item],
    work: Callable[[_Item], _Done],
    at_once: int,
    stop: Callable[[], None] | None = None,
) -> list[_Done]:
    """Return what the work makes of every item, in their order; stop at the first failure.

    `stop` is called then, for work that takes long: what is being done has to end by itself.
    """
    if not items:
        return []
    with progress(title, len(items)) as advance, ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[_Done]] = [pool.submit(work, item) for item in items]
        try:
            left = set(futures)
            while left:
                finished, left = wait(left, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    advance()
        except BaseException:
            if stop is not None:
                stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]
