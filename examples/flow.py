from gradient_flow_viz import BackpropFlow

flow = BackpropFlow(
    "#flow",
    layers=[3, 4, 4, 2],
    activations=[1, 0.71, 0.48, 0.33],
    gradients=[0.0008, 0.012, 0.18, 1],
)
