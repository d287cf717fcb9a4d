"""Trains a tiny network for a few hundred steps and logs its gradients with the real tools, into a folder.

    python -m tests.train_tiny FOLDER

In a process of its own: what these tools import, warn of and leave running stays there. `truth.json` has the norms.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from gradient_flow_recorder import Recorder, TorchRecorder, keras_recorder

STEPS = 300


def train(folder: Path) -> None:
    """PyTorch's own loop; recorder, tensorboardX and numpy look on."""
    torch = importlib.import_module("torch")
    writer = importlib.import_module("tensorboardX").SummaryWriter(str(folder / "events"))
    pictures = importlib.import_module("tensorboardX.proto.summary_pb2").Summary
    torch.manual_seed(0)
    model = network(torch)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, wanted = torch.randn(64, 4), torch.randint(0, 3, (64,))
    truth: dict[str, list[float]] = {"loss": []}
    with TorchRecorder(folder / "run.jsonl", model) as recorder, Recorder(folder / "numpy.jsonl") as plain:
        for step in range(STEPS):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), wanted)
            loss.backward()
            gradients = {name: parameter.grad.numpy().copy() for name, parameter in model.named_parameters()}
            truth["loss"].append(float(loss.detach()))
            for name, gradient in gradients.items():
                norm = float(np.linalg.norm(gradient.astype(np.float64)))
                truth.setdefault(name, []).append(norm)
                writer.add_scalar(f"grad_norm/{name}", norm, step)
                writer.add_histogram(f"gradients/{name}", gradient, step)
            writer.add_scalar("loss", truth["loss"][-1], step)
            writer.add_text("note", "no gradient", step)
            if step == 150:
                image = pictures.Image(height=9, width=9, colorspace=3, encoded_image_string=bytes(5_000_000))
                writer.file_writer.add_summary(pictures(value=[pictures.Value(tag="picture", image=image)]), step)
            if step % 100 == 0:
                np.savez(folder / f"gradients-{step}.npz", **gradients)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)
            optimizer.step()
            recorder.step(loss)
            plain.write(step, gradients, loss.detach())
    writer.close()
    (folder / "truth.json").write_text(json.dumps(truth))


def network(torch: Any) -> Any:
    """Layers whose order of definition is not that of their names."""
    nn = torch.nn
    layers = {"stem": nn.Linear(4, 8), "act": nn.Tanh(), "body10": nn.Linear(8, 8), "body9": nn.Linear(8, 3)}
    return nn.Sequential(importlib.import_module("collections").OrderedDict(layers))


def train_with_lightning(folder: Path) -> None:
    """Lightning's own loop, its grad_norm() and its CSVLogger."""
    torch = importlib.import_module("torch")
    lightning = importlib.import_module("pytorch_lightning")
    grad_norm = importlib.import_module("pytorch_lightning.utilities").grad_norm

    class Tiny(lightning.LightningModule):  # type: ignore[misc, name-defined]  # Lightning isn't there where this is checked
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = torch.nn.Linear(4, 8), torch.nn.Linear(8, 3)

        def training_step(self, batch: Any, _index: int) -> Any:
            loss = torch.nn.functional.cross_entropy(self.fc2(torch.tanh(self.fc1(batch[0]))), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def on_before_optimizer_step(self, _optimizer: Any) -> None:
            self.log_dict(grad_norm(self, norm_type=2))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    data = torch.utils.data.TensorDataset(torch.randn(64, 4), torch.randint(0, 3, (64,)))
    trainer = lightning.Trainer(
        max_epochs=10,
        logger=lightning.loggers.CSVLogger(str(folder), name="lightning"),
        log_every_n_steps=2,
        accelerator="cpu",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Tiny(), torch.utils.data.DataLoader(data, batch_size=8))


def train_with_keras(folder: Path) -> None:
    """Keras' own loop on PyTorch, with the recorder's callback."""
    keras = importlib.import_module("keras")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, name="first"), keras.layers.Dense(3, name="second")]
    )
    model.compile(optimizer="sgd", loss="mse")
    x = np.random.default_rng(0).normal(size=(64, 4))
    model.fit(x, x[:, :3], batch_size=8, epochs=2, verbose=0, callbacks=[keras_recorder(folder / "keras.jsonl")])


def main() -> None:
    """Log with all of them."""
    folder = Path(sys.argv[1])
    os.environ |= {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    os.environ["KERAS_HOME"] = str(folder / "keras")
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    train(folder)
    train_with_lightning(folder)
    train_with_keras(folder)


if __name__ == "__main__":
    main()
