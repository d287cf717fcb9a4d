"""The build: fetches the pinned runtime, lays out `site/`, serves it. Standard library only."""
