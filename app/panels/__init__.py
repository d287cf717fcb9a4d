"""The panels of the page's sources: a model, a panel and its markup each."""
