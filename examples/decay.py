from gradient_flow_viz import GradientDecayExplorer

bars = GradientDecayExplorer(
    "#decay",
    layers=[3, 4, 4, 2],
    gradients=[0.0008, 0.012, 0.18, 1],
)
