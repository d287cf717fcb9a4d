"""The entry of the page: starts it, and reports the result to web/loading-status.js."""

import gc

from pyscript import document, window

try:
    from app.page.controller import Page

    page = Page()
except Exception as error:
    window.gradientFlow.fail(f"Python raised {type(error).__name__}: {error}")
    raise
else:
    document.documentElement.dataset.state = "alive"
    page.obey(window.gradientFlow.ready())
    gc.freeze()  # the objects of now stay, so later collections need not visit them
    gc.enable()  # web/pyodide-loader.js has turned it off for the start of Python

    # Imported only now, so that the figure at the top waits for nothing else.
    if page.is_embedded:
        from app.page.embed import Embed

        embed = Embed(page)
    else:
        from app.page.examples import Examples
        from app.page.file_drop import FileDrop
        from app.page.present import Present

        home = Examples()
        arrivals = FileDrop(page.receive)
        lecture = Present(page)
