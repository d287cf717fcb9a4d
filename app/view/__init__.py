"""The view of the page as data: settings, messages, snippets, export. Pure."""
