"""The parts that only docs.html needs: a lazy bundle, so that other visits do not load it."""
