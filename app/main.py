"""The page's entry: starts it, and tells the loader in boot.js how that went."""

import gc

from pyscript import document, window

try:
    from app.page import Page

    page = Page()
except Exception as error:
    window.gradientFlowFailed(f"Python raised {type(error).__name__}: {error}")
    raise
else:
    document.documentElement.dataset.state = "alive"
    page.obey(window.gradientFlowAlive())
    if page.is_embedded:
        from app.embed import Embed  # only then: the page itself needs none of it

        embed = Embed(page)
    gc.enable()  # python.js has had it turned off while Python starts

    from app.home import Home  # not before: the figure at the top waits for nothing else

    home = Home()
