"""BackpropFlow on its own stage: both passes, one cursor, and an end."""

from __future__ import annotations

from tests.support.lazy_bundles import bring_lazy
from tests.support.stage import Stage

MOUNT = """
from app.backprop_flow import BackpropFlow

def flow(**props):
    root = document.createElement("div")
    document.getElementById("stage").append(root)
    figures.append(BackpropFlow(root, **props))
    return figures[-1]
"""
PROPS = "layers=[3, 4, 2], activations=[0.9, 0.5, 0.2], gradients=[0.1, 0.3, 1]"


def test_one_cursor_goes_forward_and_back_and_begins_again(stage: Stage) -> None:
    assert bring_lazy(stage.page, ["documentation"]) == ""
    stage.python(MOUNT)
    stage.python(f"heard = []; one = flow({PROPS}, on_current_layer_change=heard.append)")
    seen = []
    for _ in range(7):
        shown = stage.shown()
        seen.append((stage.python("one.current_layer"), shown.states.index("active"), shown.tag))
        stage.run(500)
    assert seen == [
        (0, 0, "RMS a 0.90"),
        (1, 1, "RMS a 0.50"),
        (2, 2, "RMS a 0.20"),
        (3, 2, "|∂L| 1.00"),
        (4, 1, "|∂L| 0.30"),
        (5, 0, "|∂L| 0.10"),
        (0, 0, "RMS a 0.90"),
    ]
    assert stage.python("heard") == [1, 2, 3, 4, 5, 0, 1]
    stage.python("one.update(current_layer=4, playing=False)")
    assert (stage.python("one.current_layer"), stage.shown().tag) == (4, "|∂L| 0.30")
    stage.python("one.update(current_layer=99)")
    assert stage.python("one.current_layer") == 5
    wrong = stage.watched.raised("one.update(layers=[3, 4, 4, 2], current_layer=1)")
    assert wrong == "ValueError: gradients: needs one magnitude a layer, 4 for 4 layers, got 3"
    assert (stage.python("one.current_layer"), stage.python("list(one.layers)")) == (5, [3, 4, 2])
    stage.python("one.update(layers=[3, 4, 4, 2], gradients=None, activations=None, current_layer=1)")
    assert (stage.python("one.current_layer"), stage.shown().tag) == (1, "RMS a –")
    assert stage.python("one.gradients")[-1] == 1
    stage.python("one.update(current_layer=None, playing=True)")
    stage.prefer_reduced_motion(True)
    assert stage.python("one.current_layer") == 7
    stage.python("one.destroy(); one.destroy()")
    assert (stage.html(), stage.timers()) == ('<div class=""></div>', 0)
    ended = "RuntimeError: BackpropFlow: update() was called after destroy(); make a new one"
    assert stage.watched.raised("one.update(playing=False)") == ended
    missing = stage.watched.raised("BackpropFlow('#nowhere', layers=[1])")
    assert (
        missing == "LookupError: BackpropFlow: root must be an element or a selector that matches one, got '#nowhere'"
    )
    wrong = stage.watched.raised("flow(layers=[3], current_layer='a')")
    assert wrong == "ValueError: current_layer: must be a whole number, 0 at the input of the forward pass, got 'a'"
