"""Trains a tiny network for a few hundred steps and logs its gradients with the real tools, into a folder.

    python -m tests.support.train_tiny FOLDER

In a process of its own: what these tools import, warn of and leave running stays there. PyTorch's own loop and
Lightning's train the same network on the same batches, so that all of `FORMATS` tell the same. `truth.json` has the
norms.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from gradient_flow_recorder import Recorder, TorchRecorder

from tools import runtime, wheel
from tools.runtime import ROOT

TOOLS = ("torch", "tensorboardX", "pytorch_lightning", "keras", "safetensors", "wandb")
SAVED = (0, 100, 200)  # steps whose gradients are kept whole
FORMATS = {  # one run each, by the names of its files
    "JSON lines": ("run.jsonl",),
    "CSV": ("metrics.csv",),
    "event file": ("events.out.tfevents.tiny",),
    "archives": tuple(f"gradients-{step}.npz" for step in SAVED),
    "safetensors": tuple(f"gradients-{step}.safetensors" for step in SAVED),
    "W&B": ("run-tiny.wandb",),
    "printed": ("printed.txt",),
}
EXAMPLES = ROOT / "examples" / "recording"
STEPS, RATE, CLIP = 300, 0.1, 0.01


def train(folder: Path) -> None:
    """PyTorch's own loop; recorder, tensorboardX, W&B, numpy, safetensors and print look on."""
    torch = importlib.import_module("torch")
    writer = importlib.import_module("tensorboardX").SummaryWriter(str(folder / "events"))
    pictures = importlib.import_module("tensorboardX.proto.summary_pb2").Summary
    save_file = importlib.import_module("safetensors.numpy").save_file
    wandb = importlib.import_module("wandb")
    tracked = wandb.init(project="tiny", name="tiny", id="tiny", dir=str(folder), mode="offline")
    model, (inputs, wanted) = network(torch)
    tracked.watch(model, log="gradients", log_freq=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    truth: dict[str, list[float]] = {"loss": []}
    with (
        TorchRecorder(folder / "run.jsonl", model) as recorder,
        Recorder(folder / "numpy.jsonl") as plain,
        (folder / "printed.txt").open("w") as printed,
    ):
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
            latest = {f"grad_norm/{name}": values[-1] for name, values in truth.items() if name != "loss"}
            tracked.log({"loss": truth["loss"][-1], **latest})  # given a step, the next histograms would go to it
            writer.add_text("note", "no gradient", step)
            if step == 150:
                image = pictures.Image(height=9, width=9, colorspace=3, encoded_image_string=bytes(5_000_000))
                writer.file_writer.add_summary(pictures(value=[pictures.Value(tag="picture", image=image)]), step)
            print({name: values[-1] for name, values in truth.items()}, file=printed)
            if step in SAVED:
                np.savez(folder / f"gradients-{step}.npz", **gradients)
                save_file(gradients, folder / f"gradients-{step}.safetensors")
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            recorder.step(loss)
            plain.write(step, gradients, loss.detach())
    tracked.finish()
    (log,) = (folder / "wandb").glob("offline-run-*/run-tiny.wandb")
    log.rename(folder / FORMATS["W&B"][0])
    writer.close()
    (events,) = (folder / "events").iterdir()
    events.rename(folder / FORMATS["event file"][0])
    (folder / "truth.json").write_text(json.dumps(truth))


def network(torch: Any) -> tuple[Any, tuple[Any, Any]]:
    """Layers whose order of definition is not that of their names, and the batch that they are trained on."""
    torch.manual_seed(0)
    nn = torch.nn
    layers = {"stem": nn.Linear(4, 8), "act": nn.Tanh(), "body10": nn.Linear(8, 8), "body9": nn.Linear(8, 3)}
    model = nn.Sequential(importlib.import_module("collections").OrderedDict(layers))
    return model, (torch.randn(64, 4), torch.randint(0, 3, (64,)))


def train_with_lightning(folder: Path) -> None:
    """Lightning's own loop, its grad_norm() and its CSVLogger."""
    torch = importlib.import_module("torch")
    lightning = importlib.import_module("pytorch_lightning")
    grad_norm = importlib.import_module("pytorch_lightning.utilities").grad_norm
    model, batch = network(torch)

    class Tiny(lightning.LightningModule):  # type: ignore[misc, name-defined]  # Lightning isn't there where this is checked
        def __init__(self) -> None:
            super().__init__()
            for name, layer in model.named_children():
                self.add_module(name, layer)

        def training_step(self, batch: Any, _index: int) -> Any:
            loss = torch.nn.functional.cross_entropy(model(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True, batch_size=len(batch[0]))
            return loss

        def on_before_optimizer_step(self, _optimizer: Any) -> None:
            self.log_dict(grad_norm(self, norm_type=2))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=RATE)

    logger = lightning.loggers.CSVLogger(str(folder), name="lightning")
    trainer = lightning.Trainer(
        max_epochs=1,
        logger=logger,
        log_every_n_steps=1,
        gradient_clip_val=CLIP,
        accelerator="cpu",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Tiny(), torch.utils.data.DataLoader([batch] * STEPS, batch_size=None))
    (Path(logger.log_dir) / "metrics.csv").rename(folder / "metrics.csv")


def train_with_keras(folder: Path) -> None:
    """Keras' own loop on PyTorch, with the lines that the page shows."""
    keras = importlib.import_module("keras")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, name="first"), keras.layers.Dense(3, name="second")]
    )
    x = np.random.default_rng(0).normal(size=(512, 4))
    known = {"model": model, "optimizer": "sgd", "loss": "mse", "x": x, "y": x[:, :3]}
    elsewhere = folder / "keras"  # for its log is called as PyTorch's
    elsewhere.mkdir(exist_ok=True)
    with contextlib.chdir(elsewhere), contextlib.redirect_stdout(io.StringIO()):
        run_example("keras", known)
    (elsewhere / "run.jsonl").rename(folder / "keras.jsonl")


def run_example(name: str, known: dict[str, Any]) -> None:
    """Runs the lines that the page shows, in a program that has these names already."""
    path = EXAMPLES / f"from_{name}.py"
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), known)


def written(root: Path) -> Path:
    """The folder with all the logs, trained for once as long as what makes them is the same."""
    made_from = [
        Path(__file__),
        root / wheel.RECORDER,
        root / "requirements" / "tools.txt",
        *sorted(EXAMPLES.iterdir()),
    ]
    name = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()[:12]
    cache = runtime.cache_folder(root)
    folder = cache / f"logs-{name}"
    with runtime.only_one(root):  # among the tests' processes
        if not folder.is_dir():
            for former in cache.glob("logs-*"):
                shutil.rmtree(former)
            with tempfile.TemporaryDirectory(dir=cache, prefix="new-logs-") as fresh:
                logs = Path(fresh) / "logs"
                command = [sys.executable, "-m", "tests.support.train_tiny", str(logs)]
                environment = {**os.environ, "PYTHONPATH": str((root / wheel.RECORDER).parent)}
                subprocess.run(command, cwd=root, env=environment, check=True, timeout=600)
                logs.rename(folder)
    return folder


def main() -> None:
    """Log with all of them."""
    folder = Path(sys.argv[1]).resolve()
    os.environ |= {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    os.environ["KERAS_HOME"] = str(folder / "keras")
    os.environ |= {"WANDB_SILENT": "true", "WANDB_CONSOLE": "off", "WANDB_ERROR_REPORTING": "false"}
    os.environ |= {f"WANDB_{kind}_DIR": str(folder / "wandb" / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")}
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    folder.mkdir(parents=True, exist_ok=True)
    train(folder)
    train_with_lightning(folder)
    train_with_keras(folder)


if __name__ == "__main__":
    main()
