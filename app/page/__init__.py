"""The page around the figure: transport, form, sources, address, downloads."""
