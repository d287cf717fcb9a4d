"""The entry of both pages, index.html and docs.html: starts the page, and reports to web/loading-status.js."""

import gc

from pyscript import document, window

try:
    from app.page.kept_events import repeat

    page, documentation = None, None
    if document.getElementById("figure"):
        from app.page.controller import Page

        page = Page()
    else:
        from app.page.lazy_bundles import bring

        # PyScript runs this file as a coroutine.
        await bring("documentation")  # type: ignore[top-level-await]  # noqa: F704, PLE1142  # see above
        from app.page.documentation.controller import Documentation

        documentation = Documentation()
except Exception as error:
    window.gradientFlow.fail(f"Python raised {type(error).__name__}: {error}")
    raise
else:
    document.documentElement.dataset.state = "alive"
    repeat(window.gradientFlow.ready())
    gc.freeze()  # the objects of now stay, so later collections need not visit them
    gc.enable()  # web/pyodide-loader.js has turned it off for the start of Python

    # Imported only now, so that the figure at the top waits for nothing else.
    if page and page.is_embedded:
        from app.page.embed import Embed

        embed = Embed(page)
    elif page:
        from app.page.file_drop import FileDrop
        from app.page.present import Present
        from app.page.tabs import Tabs
        from app.page.views import Views

        page.find_handout()
        arrivals = FileDrop(page.receive)
        lecture = Present(page)
        views = Views(page.store, page.sources, Tabs(page.store))
