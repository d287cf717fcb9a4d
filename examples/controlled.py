from gradient_flow_viz import GradientFlowViz
from pyscript import document, when

layers = [3, 4, 2]
slider = document.querySelector("#cursor")
story = document.querySelector("#story")


def show(cursor):
    """Figure and slider at the cursor; 0 is the loss side."""
    figure.update(current_layer=cursor)
    slider.value = len(layers) - cursor


figure = GradientFlowViz(
    "#controlled",
    layers=layers,
    current_layer=0,
    on_current_layer_change=show,
    playing=False,
)


@when("scroll", "#story")
def follow_scrolling():
    # each paragraph is as high as the box
    show(round(story.scrollTop / story.clientHeight))


@when("input", "#cursor")
def follow_slider():
    cursor = len(layers) - int(slider.value)
    show(cursor)
    story.scrollTop = cursor * story.clientHeight


# with reduced motion the wave starts at the input: all follow
story.scrollTop = figure.current_layer * story.clientHeight
