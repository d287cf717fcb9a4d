"""Networks whose state is known: built, trained, recorded and measured apart from the recorder and the verdict."""
