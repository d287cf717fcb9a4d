"""A server for the built site and the source tree."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.places import BUNDLE, COMPONENT, HOME, ROOT, RUNTIME, SITE, TREE
from tools import manifest, site
from tools.serve import Handler, Server


class _Places(Handler):
    """`/gradient-flow-viz/` is the built site, as on a host's sub-path; `/tree/` is the bare tree."""

    def __init__(self, *arguments: Any, component: Path, **options: Any) -> None:
        self.component = component
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0].partition("#")[0]
        if plain == COMPONENT:
            return str(self.component)
        for prefix, folder in ((HOME, SITE), (TREE, ROOT)):
            if plain.startswith(prefix):
                return str(folder / plain.removeprefix(prefix))
        return str(ROOT / "nowhere")


def built_component(folder: Path) -> Path:
    """component.html as the build would lay it out beside the page."""
    source = ROOT / "tests" / "browser" / "component.html"
    places = site.Places(f"./{RUNTIME.relative_to(SITE)}/", (f"./{BUNDLE.name}",))
    target = folder / source.name
    text = site.site_page(source.read_text(encoding="utf-8"), places, entry="")  # it has its own
    text = manifest.insert(text, manifest.read((SITE / "index.html").read_text(encoding="utf-8")))
    target.write_text(site.localise(text, source.name, places), encoding="utf-8")
    return target


class Host(Server):
    """The site under /gradient-flow-viz/ and the tree under /tree/, on a port of its own, from now until `stop`."""

    def __init__(self, component: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Places, directory=str(SITE), component=component))
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: list[socket.socket] = []
        self._is_stopped = False
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accepts a connection, as the base class does, and keeps hold of it."""
        connection, address = super().get_request()
        self._open.append(connection)
        return connection, address

    def stop(self) -> None:
        """Be gone: no new connection, and none of those that browsers keep open. Stopping twice is harmless."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.shutdown()
        self.server_close()
        for connection in self._open:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
