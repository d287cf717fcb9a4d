"""The figure as a PyScript user would write it today: createElementNS, and one attribute write per node and frame."""

import numpy as np
from js import (
    clearInterval,
    document,
    location,
    performance,
    requestAnimationFrame,
    setInterval,
    URLSearchParams,
)
from pyodide.ffi import create_proxy

NS = "http://www.w3.org/2000/svg"
root = document.getElementById("root")
query = URLSearchParams.new(location.search)
state = {}


def el(tag, **attrs):
    e = document.createElementNS(NS, tag)
    for k, v in attrs.items():
        e.setAttribute(k, str(v))
    return e


def build(text):
    layers = [int(n) for n in text.split("-")]
    depth = len(layers)
    root.innerHTML = '<div role="figure" aria-labelledby="t"><div id="t">Gradient wave · backward</div><svg viewBox="0 0 720 320"></svg><div aria-live="polite"></div></div>'
    svg = root.querySelector("svg")
    xs = np.linspace(40, 680, depth)
    ys = [160 + (np.arange(n) - (n - 1) / 2) * min(48, 260 / n) for n in layers]
    if depth <= 32:
        for l in range(depth - 1):
            for a in ys[l]:
                for b in ys[l + 1]:
                    svg.appendChild(
                        el(
                            "line",
                            x1=xs[l],
                            y1=a,
                            x2=xs[l + 1],
                            y2=b,
                            stroke="var(--rest)",
                            **{"stroke-opacity": 0.3},
                        )
                    )
    nodes = []
    for l in range(depth):
        halo = el(
            "rect", x=xs[l] - 20, y=10, width=40, height=300, rx=20, fill="var(--cb-warning)", opacity=0
        )
        svg.appendChild(halo)
        dots = [
            el(
                "circle",
                cx=xs[l],
                cy=y,
                r=max(1.5, min(12, 260 / max(layers) / 3)),
                fill="var(--cb-warning)",
                opacity=0.35,
            )
            for y in ys[l]
        ]
        for d in dots:
            svg.appendChild(d)
        nodes.append((halo, dots))
    state.update(
        depth=depth,
        nodes=nodes,
        cursor=0,
        pos=np.zeros(depth),
        vel=np.zeros(depth),
        grads=0.55 ** np.arange(depth)[::-1],
    )
    say()


def say():
    d = state["depth"]
    a = d - 1 - state["cursor"]
    t = np.zeros(d)
    for k, g in enumerate((1, 0.55, 0.25)):
        if a - k >= 0:
            t[a - k] = g
    state["target"] = t
    name = "input" if a == 0 else "output" if a == d - 1 else f"hidden {a}"
    root.querySelector(
        "[aria-live]"
    ).textContent = f"Backward gradient wave at layer {a + 1} of {d} ({name}). Gradient magnitude {state['grads'][a]:.2f}."


def tick(*_):
    state["cursor"] = (state["cursor"] + 1) % state["depth"]
    say()


def frame(t):
    p, v, dt = state["pos"], state["vel"], 1 / 60
    v += (200 * (state["target"] - p) - 26 * v) * dt
    p += v * dt
    for (halo, dots), o in zip(state["nodes"], p):
        halo.setAttribute("opacity", str(0.2 * o))
        for d in dots:
            d.setAttribute("opacity", str(0.35 + 0.65 * o))
    requestAnimationFrame(loop)


def change(event):
    try:
        build(event.target.value)
    except ValueError:
        pass


loop = create_proxy(frame)
build(query.get("layers") or "3-4-4-2")
setInterval(create_proxy(tick), max(80, int(query.get("speed") or 500)))
document.getElementById("arch").addEventListener("input", create_proxy(change))
requestAnimationFrame(loop)
