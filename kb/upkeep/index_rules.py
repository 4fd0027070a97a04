"""What must hold of `index.json`, and of the pairs of plug-ins that it is made from."""

from collections.abc import Collection, Iterator, Mapping

from kb.base.errors import DocumentError
from kb.base.model import PluginFile, PluginPairsFile
from kb.base.store import Store
from kb.base.versions import key
from kb.index.build import build_index
from kb.index.records import document

_RUN = "run `python -m kb index`"


def index_faults(store: Store) -> Iterator[str]:
    """Yield what is wrong with `index.json`, where there is one: it must be made anew the same."""
    try:
        text = store.index_text()
    except DocumentError:
        return
    if text != document(build_index(store)):
        yield f"index.json: is not what the other files give; {_RUN}"


def plugin_pairs_faults(
    file: PluginPairsFile, plugins: Mapping[str, PluginFile], releases: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with `plugin_pairs.yaml`, given the plug-ins and all releases."""
    for pair in file.plugin_pairs:
        where = f"plugin_pairs.yaml: {pair.plugin} {pair.release}"
        known = plugins.get(pair.plugin)
        if known is None or pair.release not in [release.release for release in known.releases]:
            yield f"{where}: there is no such release; name one that there is"
        if pair.wheel is not None and known is not None and pair.wheel not in _files(known):
            yield f"{where}: wheel: there is no {pair.wheel}; name one that there is"
        first, last = pair.releases
        for end in (first, last):
            if end is not None and end not in releases:
                yield f"{where}: releases: there is no release {end}; name one that there is"
        if first and last and key(first) > key(last):
            yield f"{where}: releases: first is after last; swap them"
        if not pair.distributions or not pair.platforms:
            yield f"{where}: goes with no distribution or platform; name those that it goes with"
    for row in file.elsewhere:
        if not row.instead or not row.sources:
            yield f"plugin_pairs.yaml: {row.device}: instead or sources is empty; give at least one"


def _files(plugin: PluginFile) -> set[str]:
    return {
        wheel.file
        for release in plugin.releases
        for build in release.builds
        for wheel in build.wheels
    }
