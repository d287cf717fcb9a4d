"""The page as a lecturer shows it. Loaded when the visitor first presents."""
