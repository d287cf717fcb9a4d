"""Sheets: the whole view as one picture, and as a page of paper (pure)."""
