"""The page's view as data: settings, messages, snippets, export. Pure."""
