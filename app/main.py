"""The page's entry: starts it, and tells the loader in boot.js how that went."""

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
    gc.freeze()  # what there is now stays, and need not be looked through again and again
    gc.enable()  # python.js has had it turned off while Python starts

    # Not before: the figure at the top waits for nothing else.
    if page.is_embedded:
        from app.page.embed import Embed

        embed = Embed(page)
    else:
        from app.page.examples import Examples
        from app.page.file_drop import FileDrop

        home = Examples()
        arrivals = FileDrop(page.receive)
