from gradient_flow_viz import GradientFlowViz

figure = GradientFlowViz("#default", layers=[3, 4, 4, 2])
