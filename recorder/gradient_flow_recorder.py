"""Record gradient magnitudes per parameter while a network trains, as JSON lines that Gradient Flow Viz reads.

This is a single file. It needs only the library that you use (PyTorch, Keras 3 or numpy), and you may copy it anywhere.
It writes one line per step: {"step": 120, "loss": 0.83, "grad_norm/fc1.weight": 3.1e-4, "grad_norm/fc2.weight": 0.012}.
Each line goes to the operating system at once. A killed process loses no lines; a crashed machine may lose the last
ones.

PyTorch. Hooks take the L2 norm of each parameter's gradient after the backward pass has accumulated it. So gradients
are recorded before clipping, wherever you clip, and with gradient accumulation as the sum so far:

    recorder = TorchRecorder("run.jsonl", model)
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recorder.step(loss)

With automatic mixed precision the hooks see scaled gradients, even if you unscale them later. Pass the scale before
`scaler.update()` changes it: `recorder.step(loss, scale=scaler.get_scale())`. A step that the scaler skips is recorded
too, with its NaN or infinity. In distributed training, record on one rank. The hooks belong to the model's present
parameters: if you replace one, create a new recorder.

Keras 3. `model.fit(…, callbacks=[keras_recorder("run.jsonl")])` records the gradients that the optimizer receives,
before it clips them. TensorFlow and JAX compile the step, which hides the gradients: use `model.compile(…,
run_eagerly=True)`.

numpy. `Recorder("run.jsonl").write(step, {"fc1.weight": gradient, …}, loss)`.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Recorder", "TorchRecorder", "keras_recorder"]
__version__ = "1.0.0"


class Recorder:
    """Append lines to a file. If a write fails, it warns once and the training continues.

    `every`: record one of this many steps. Raises ValueError unless it is a whole number of at least 1, and OSError if
    the file cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every: must be a whole number of at least 1, got {every!r}")
        self.every, self.count = every, 0
        self._file: Any = Path(path).open("ab", buffering=0)  # noqa: SIM115  # close() closes it
        end = "\n" if _is_torn(Path(path)) else ""
        self._append(end, {"gradient_flow": 1, "kind": "parameter", "reduction": "l2", "order": "definition"})

    def due(self, step: int) -> bool:
        """Return True if a step is to be recorded."""
        return step % self.every == 0

    def write(self, step: int, gradients: Mapping[str, Any], loss: Any = None) -> None:
        """Record a step if it is due. `gradients`: an array or number per parameter, in the order of definition."""
        if self.due(step):
            self.write_norms(step, {name: _norm(gradient) for name, gradient in gradients.items()}, loss)

    def write_norms(self, step: int, norms: Mapping[str, float], loss: Any = None) -> None:
        """Record a step whose L2 norms are known."""
        record: dict[str, Any] = {"step": step}
        if loss is not None:
            record["loss"] = _short(float(loss))
        record.update((f"grad_norm/{name}", _short(norm)) for name, norm in norms.items())
        self._append("", record)

    def _append(self, before: str, record: Mapping[str, Any]) -> None:
        """Write the whole line at once, so that it is never cut off, except by a full disk."""
        if self._file is None:
            return
        try:
            self._file.write(f"{before}{json.dumps(record)}\n".encode())
        except OSError as error:
            self.close()
            warnings.warn(f"Gradients are no longer recorded: {error}.", RuntimeWarning, stacklevel=3)

    def close(self) -> None:
        """Close the file. Closing twice is harmless."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class TorchRecorder(Recorder):
    """Record a PyTorch model: hooks on its parameters, and `step()` after each backward pass. Needs PyTorch 2.1.

    Steps are counted from 0, or from `first` if a training is resumed.
    """

    def __init__(self, path: str | os.PathLike[str], model: Any, every: int = 1, first: int = 0) -> None:
        super().__init__(path, every)
        self.count = first
        self._norms: dict[str, Any] = {}
        parameters = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
        self._names = [name for name, _ in parameters]
        self._hooks = [parameter.register_post_accumulate_grad_hook(self._hook(name)) for name, parameter in parameters]

    def _hook(self, name: str) -> Any:
        from torch import float32, float64  # noqa: PLC0415  # a PyTorch model is given, so PyTorch is installed
        from torch.linalg import vector_norm  # noqa: PLC0415

        def keep(parameter: Any) -> None:
            if self.due(self.count):
                gradient = parameter.grad.detach()
                values = gradient.coalesce().values() if gradient.is_sparse else gradient
                wide = float64 if values.dtype == float64 else float32  # the sum would overflow in half precision
                self._norms[name] = vector_norm(values, dtype=wide)

        return keep

    def step(self, loss: Any = None, scale: float = 1.0) -> None:
        """Record the last backward pass's gradients divided by `scale`, and count the step. A loss may be a tensor."""
        if self.due(self.count) and self._norms:
            names = [name for name in self._names if name in self._norms]
            known = None if loss is None else float(loss.detach() if hasattr(loss, "detach") else loss)
            norms = _numbers([self._norms[name] for name in names])
            self.write_norms(self.count, {name: norm / scale for name, norm in zip(names, norms, strict=True)}, known)
        self._norms.clear()
        self.count += 1

    def close(self) -> None:
        """Remove the hooks and close the file. Closing twice is harmless."""
        for hook in getattr(self, "_hooks", ()):
            hook.remove()
        super().close()


def keras_recorder(path: str | os.PathLike[str], every: int = 1) -> Any:
    """Return a callback for Keras 3 that records each batch. Training raises RuntimeError if its step is compiled."""
    from keras.callbacks import Callback  # noqa: PLC0415  # only this function needs Keras

    class KerasRecorder(Callback):  # type: ignore[misc]  # Keras has no types
        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self.recorder, self.batch = Recorder(path, every), 0
            self.norms: dict[str, float] = {}
            self.optimizer = self.model.optimizer
            self.apply = self.optimizer.apply
            self.optimizer.apply = self.see

        def see(self, grads: Any, trainable_variables: Any = None) -> Any:
            if self.recorder.due(self.batch):
                variables = trainable_variables or self.model.trainable_variables
                pairs = [pair for pair in zip(variables, grads, strict=True) if pair[1] is not None]
                self.norms = {variable.path: _keras_norm(gradient) for variable, gradient in pairs}
            return self.apply(grads, trainable_variables)

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            if self.norms:
                self.recorder.write_norms(self.batch, self.norms, (logs or {}).get("loss"))
                self.norms = {}
            self.batch += 1

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
            self.optimizer.apply = self.apply
            self.recorder.close()

    return KerasRecorder()


def _keras_norm(gradient: Any) -> float:
    from keras import ops  # noqa: PLC0415

    try:
        return float(ops.convert_to_numpy(ops.norm(ops.reshape(ops.cast(gradient, "float32"), (-1,)))))
    except Exception as error:
        raise RuntimeError(
            "keras_recorder sees no gradients in a compiled step: use model.compile(…, run_eagerly=True)"
        ) from error


def _is_torn(path: Path) -> bool:
    """Return True if the file's last line is incomplete, for example after a power failure."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _numbers(values: list[Any]) -> list[float]:
    """Return the values of scalar tensors, copied from their device at once if they share it."""
    from torch import stack  # noqa: PLC0415

    if len({(value.device, value.dtype) for value in values}) == 1:
        numbers: list[float] = stack(values).tolist()
        return numbers
    return [float(value) for value in values]


def _norm(gradient: Any) -> float:
    """Return the L2 norm √Σ|x|² of an array or number, scaled by the largest value so that no square overflows."""
    import numpy as np  # noqa: PLC0415  # arrays are given, so numpy is installed

    values = np.abs(np.asarray(gradient, dtype=None)).astype(np.float64).ravel()
    largest = float(values.max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    scaled = values / largest
    return largest * math.sqrt(float(scaled @ scaled))


def _short(number: float) -> float:
    """Round to seven digits, the precision of a single, which halves the file."""
    return float(f"{number:.7g}")
