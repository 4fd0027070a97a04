"""`index.json` follows from the other files; whoever changes one of them makes it anew."""

from pathlib import Path

from kb.base.store import Store
from kb.base.writing import write
from kb.index.build import build_index
from kb.index.records import document


def renew(data: Path, first: bool = False) -> bool:
    """Write the index of a folder where it is not what the other files give; tell whether it was.

    `first` makes one where there is none. Raises DocumentError and OSError.
    """
    store = Store(data)
    path = Path(store.index_path())
    if not path.exists() and not first:
        return False
    text = document(build_index(store))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write(path, text)
    return True
