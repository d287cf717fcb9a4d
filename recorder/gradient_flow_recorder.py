"""Record gradients, weights and activations while a network trains, as JSON lines that Gradient Flow Viz reads.

This is a single file. It needs only the library that you use (PyTorch, Keras 3 or numpy), and you may copy it anywhere.
It writes one line per recorded step: {"step": 120, "loss": 0.83, "grad_norm/fc1.weight": 3.1e-4, …}. Each line goes to
the operating system at once. A killed process loses no lines; a crashed machine may lose the last ones. Whatever goes
wrong is one warning, and the training goes on.

PyTorch. The values of a step are read at the end of the backward pass. So gradients are recorded before clipping,
wherever you clip, and with gradient accumulation as the sum so far. Each step of a small model is recorded, of others
every fourth or second, unless you pass `every=1`:

    recorder = TorchRecorder("run.jsonl", model)
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recorder.step(loss)

With automatic mixed precision gradients are scaled, even if you unscale them later. Pass the scale before
`scaler.update()` changes it: `recorder.step(loss, scale=scaler.get_scale())`. A step that the scaler skips is recorded
too, with its NaN or infinity. In distributed training (DDP, FSDP2, tensor parallel) make a recorder on every rank, with
the same path and steps, and call `step()` on every rank. Rank 0 writes.

Keras 3. `model.fit(…, callbacks=[keras_recorder("run.jsonl")])` records the gradients that the optimizer receives,
before it clips them. TensorFlow and JAX compile the step, which hides the gradients: use `model.compile(…,
run_eagerly=True)`.

numpy. `Recorder("run.jsonl").write(step, {"fc1.weight": gradient, …}, loss)`.
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
import os
import warnings
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Recorder", "TorchRecorder", "keras_recorder"]
__version__ = "1.0.0"

HEAD = {"gradient_flow": 2, "kind": "parameter", "reduction": "l2", "order": "definition"}
GRADIENT, OUTPUT, WEIGHT, UPDATE, ZEROS = "grad_norm", "output_grad_norm", "weight_norm", "update_norm", "zeros"
MAX_NODES = 6  # of the graph between a module and the activation after it, or that and the next module
SAFE = ((1e15, 2.0**100), (1e150, 2.0**700))  # norms with squares in range, and a scale for others: singles, doubles
RESHAPING = frozenset(
    f"{name}Backward0"
    for name in ("View", "UnsafeView", "ReshapeAlias", "Transpose", "Permute", "T", "Squeeze", "Unsqueeze", "Clone")
)
KIND = operator.attrgetter("device", "dtype", "layout", "shape")  # of a tensor
REQUIRES_GRAD = operator.attrgetter("requires_grad")
MAX_HELD = 1 << 20  # elements of tensors that wait until their norms are taken together
MAX_STACKED = 1 << 11  # elements of a tensor that is copied beside others of its shape, for each call costs time
MAX_BLOCK = 1 << 18  # elements whose squares are added in singles, so that a norm is right to five digits and more
MAX_LAYOUTS = 64
SMALL, LARGE = 100_000, 1_000_000  # elements of a model
MANY_MODULES, SMALL_MODULE = 100, 10_000  # elements of a module, on average


class Recorder:
    """Append lines to a file. If a write fails, it warns once and the training continues.

    `every`: record one of this many steps. `about`: more for the first line: `sizes`, `modules`, `optimizer`. Raises
    ValueError unless `every` is a whole number of at least 1, and OSError if the file cannot be opened.
    """

    _is_writing, _has_warned, _is_open = True, False, True

    def __init__(self, path: str | os.PathLike[str], every: int = 1, about: Mapping[str, Any] | None = None) -> None:
        if isinstance(every, bool) or not hasattr(every, "__index__") or every < 1:
            raise ValueError(f"every: must be a whole number of at least 1, got {every!r}")
        self.every, self.count = operator.index(every), 0
        self._file: Any = None
        if self._is_writing:
            self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115  # close() closes it
            end = "\n" if _is_torn(Path(path)) else ""
            self._append(end + json.dumps({**HEAD, **({"every": self.every, **about} if about else {})}))

    def due(self, step: int) -> bool:
        """Return True if a step is to be recorded."""
        return step % self.every == 0

    def describe(self, **about: Any) -> None:
        """Write what became known later: `sizes` (elements by parameter), `modules` (types by name), `optimizer`."""
        self._append(json.dumps({**HEAD, **about}))

    def write(self, step: int, gradients: Mapping[str, Any], loss: Any = None, **more: Mapping[str, Any]) -> None:
        """Record a step if it is due. `gradients`: an array or number per parameter, in the order of definition.

        `more`: other arrays by name: `weight_norm`, `update_norm` (the changes of the weights), `output_grad_norm`.
        """
        if self.due(step):
            norms = {kind: {name: _norm(each) for name, each in arrays.items()} for kind, arrays in more.items()}
            self.write_norms(step, {name: _norm(gradient) for name, gradient in gradients.items()}, loss, **norms)

    def write_norms(self, step: int, norms: Mapping[str, float], loss: Any = None, **more: Mapping[str, float]) -> None:
        """Record a step whose L2 norms are known."""
        parts = [f'"step": {json.dumps(_as_step(step))}'] + ([] if loss is None else [f'"loss": {_text(loss)}'])
        for kind, values in {GRADIENT: norms, **more}.items():
            numbers = tuple(map(float, values.values()))
            if numbers:
                is_plain = math.isfinite(sum(numbers))
                layout = _layout(kind, tuple(values), "%.7g" if is_plain else "%s")
                parts.append(layout % (numbers if is_plain else tuple(map(_text, numbers))))
        self._append(f"{{{', '.join(parts)}}}")

    def _append(self, line: str) -> None:
        """Write a whole line or nothing of it. A full disk may take a part of it, which is removed again."""
        if self._file is None:
            return
        data, before = f"{line}\n".encode(), None
        try:
            before = self._file.seek(0, os.SEEK_END) if self._file.seekable() else None
            while data:
                data = data[self._file.write(data) :]
        except (OSError, ValueError) as error:  # ValueError: somebody closed the file
            try:
                if before is not None:
                    self._file.truncate(before)
            except (OSError, ValueError):
                pass  # the next recorder begins a new line
            self._close_file()
            self._warn(f"Gradients are no longer recorded: {error}.")

    def _warn(self, text: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            warnings.warn(text, RuntimeWarning, stacklevel=4)

    def close(self) -> None:
        """Close the file. Closing twice is harmless."""
        self._close_file()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class TorchRecorder(Recorder):
    """Record a PyTorch model: hooks on its parameters and modules, and `step()` after each step. Needs PyTorch 2.1.

    By default each step of a model of up to 1 million parameters is recorded, every fourth step of a larger one, and
    every second step if more than 100,000 parameters are in more than 100 modules of fewer than 10,000 on average. That
    is decided once, by the shapes known when the recorder is made, and written into the first line. `every=1` records
    each step. Steps are counted from 0, or from `first` if a training is resumed. Each kind of value can be turned off:
    `gradients` by parameters, `outputs` (gradients by the outputs of the modules that have parameters), `weights`,
    `updates` (the changes of the weights from the optimizer's step to `step()`), and `zeros` (their share of the
    activations of ReLU after a module). The last three cost most. They come at one of `costly_every` recorded steps: by
    default at each step for up to 100,000 parameters, at every tenth for up to 1 million, else at about every fiftieth.
    Outputs of the many small modules come at every tenth. If `every` is given, these intervals count recorded steps.
    `every=1, costly_every=1` records all at each step. `optimizer` need only be given if others train the same weights.

    Outputs and zeros are those of all passes that had gradients since the last `step()`. Compiled modules show neither.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        model: Any,
        every: int | None = None,
        first: int = 0,
        optimizer: Any = None,
        *,
        gradients: bool = True,
        outputs: bool = True,
        weights: bool = True,
        updates: bool = True,
        zeros: bool = True,
        costly_every: int | None = None,
    ) -> None:
        import torch  # noqa: PLC0415  # a PyTorch model is given, so PyTorch is installed

        self._torch, self._model = torch, model
        self._is_compiling, self._task = torch.compiler.is_dynamo_compiling, torch._C._current_graph_task_id
        self._kinds = {GRADIENT: gradients, OUTPUT: outputs, WEIGHT: weights, UPDATE: updates, ZEROS: zeros}
        self._optimizer = None if optimizer is None else weakref.ref(optimizer)
        self._optimizers: list[str] = [] if optimizer is None else [type(optimizer).__name__]
        self._handles: dict[str, list[Any]] = {"parameters": [], "modules": [], "optimizer": []}
        self._touched: dict[str, Any] = {}  # parameters whose gradients this backward pass has accumulated
        self._seen: Any = None  # one of those that had a gradient after the last pass of this step
        self._tasks: set[int] = set()  # backward passes at whose end values are read
        self._held: list[tuple[str, str, Any]] = []
        self._elements = 0
        self._norms: list[tuple[str, list[str], Any]] = []
        self._counts: dict[str, int] = {}
        self._copies: dict[str, Any] = {}  # the negatives of weights, which become their changes
        self._scan()
        facts = self._facts()
        every, self._outputs_every, self._costly_every = _intervals(
            sum(facts["sizes"].values()), len(facts["modules"]), every, costly_every
        )
        self._ranks = _Ranks(torch, f"{os.fspath(path)}\n{every}\n{first}", model)
        self._is_writing = self._ranks.rank == 0
        super().__init__(path, every, facts | ({"optimizer": self._optimizers[0]} if self._optimizers else {}))
        self.count = operator.index(first)
        self._look_ahead()
        if updates:
            from torch.optim.optimizer import register_optimizer_step_pre_hook  # noqa: PLC0415  # as above

            hook = partial(_call, weakref.WeakMethod(self._before_update))  # it is global: it may keep nothing alive
            self._handles["optimizer"].append(register_optimizer_step_pre_hook(hook))

    def _facts(self) -> dict[str, dict[str, Any]]:
        """The sizes of all parameters, and the types of the modules that have any."""
        sizes = {name: each.numel() for name, each in self._model.named_parameters() if not _is_lazy(each)}
        return {"sizes": sizes, "modules": {name: _type_name(each) for name, each in self._owners.items()}}

    def _scan(self) -> None:
        """See which parameters and modules there are."""
        if any(type(module).__name__ == "FullyShardedDataParallel" for module in self._model.modules()):
            self._warn(
                "FSDP1 flattens parameters, which then have no norms of their own. Nothing is recorded: use FSDP2."
            )
            self._kinds = dict.fromkeys(self._kinds, False)
        self._unhook("parameters", "modules")
        self._parameters = {
            name: each for name, each in self._model.named_parameters() if each.requires_grad and not _is_lazy(each)
        }
        self._leaders = _leaders(self._model, self._parameters)  # they get a gradient with those that have hooks
        self._modules, self._all = list(self._model.modules()), list(self._model.parameters())
        self._owners = {name: each for name, each in self._model.named_modules() if _has_parameters(name, each)}
        self._dicts = [each for module in self._modules for each in (module._parameters, module._modules) if each]
        self._is_settled = not any(map(_is_lazy, self._all))
        self._sharded = {name: each for name, each in self._parameters.items() if _is_sharded(each)}
        self._state = self._parts()

    def _parts(self) -> tuple[list[Any], list[bool]]:
        """The parameters and modules, and which parameters are trained."""
        return list(chain.from_iterable(map(dict.values, self._dicts))), list(map(REQUIRES_GRAD, self._all))

    def _is_changed(self) -> bool:
        """True if parameters or modules may have been added, replaced, made, frozen or unfrozen."""
        if self._sharded:
            return not self._is_settled  # FSDP replaces parameters in each pass
        (parts, trained), (before, trained_before) = self._parts(), self._state
        is_same = len(parts) == len(before) and all(map(operator.is_, parts, before))
        return not (is_same and trained == trained_before and self._is_settled)

    def _look_ahead(self) -> None:
        """Note what is to be recorded of the present step. Nothing else has hooks."""
        at = self.count // self.every
        self._is_due = self._is_open and self.due(self.count)
        self._is_costly = self._is_due and at % self._costly_every == 0
        self._has_outputs = self._is_due and self._kinds[OUTPUT] and at % self._outputs_every == 0
        self._set_hooks()

    def _set_hooks(self) -> None:
        """Make hooks when they are first needed; then take them out and put them back, which costs far less."""
        looks = self._has_outputs or (self._is_costly and self._kinds[ZEROS])
        for is_on, kind, hook in (
            (self._is_due, "parameters", self._hook_parameters),
            (looks, "modules", self._hook_modules),
        ):
            handles, resting = self._handles[kind], self._resting[kind]
            if is_on and not handles:
                hook(handles)
            elif is_on:
                for table, key, each in resting:
                    table[key] = each
                    table.move_to_end(key, last=False)
                resting.clear()
            elif not resting:
                tables = [(each.hooks_dict_ref(), each.id) for each in handles]
                resting += [(table, key, table.pop(key)) for table, key in tables if table and key in table]

    def _hook_parameters(self, handles: list[Any]) -> None:
        """Hook the parameters, and the model, whose output begins most backward passes."""
        for name, parameter in [*self._parameters.items()]:
            if name in self._leaders:
                continue
            try:
                handles.append(parameter.register_post_accumulate_grad_hook(partial(self._touch, name)))
            except Exception as error:  # noqa: BLE001  # of any kind of parameter
                del self._parameters[name]
                self._leaders = {other: leader for other, leader in self._leaders.items() if leader != name}
                self._warn(f"The gradient of {name} is not recorded: {error}.")
        handles.append(self._model.register_forward_hook(_Hook(self._forward, None), prepend=True))

    def _hook_modules(self, handles: list[Any]) -> None:
        """Hook the modules that have parameters."""
        for name, module in self._owners.items():
            try:
                handles.append(module.register_forward_hook(_Hook(self._forward, name), prepend=True))
            except Exception as error:  # noqa: BLE001  # of any kind of module
                self._warn(f"The output of {name} is not recorded: {error}.")

    def _unhook(self, *kinds: str) -> None:
        for handles in map(self._handles.__getitem__, kinds):
            for handle in handles:
                handle.remove()
            handles.clear()
        self._resting: dict[str, list[tuple[Any, int, Any]]] = {"parameters": [], "modules": []}  # taken out

    def _touch(self, name: str, parameter: Any) -> None:
        """Hook of a parameter whose gradient was accumulated."""
        touched = self._touched
        if not touched:
            self._await_end()
        touched[name] = parameter

    def _await_end(self) -> None:
        """Read the values when the present backward pass has ended, after DDP and FSDP have reduced the gradients."""
        task = self._task()
        if task not in self._tasks and task >= 0:
            self._tasks.add(task)
            if self._seen is not None and self._seen.grad is None:  # the last pass was given up, as in a line search
                self._norms = [each for each in self._norms if each[0] != OUTPUT]
            queue = self._torch.autograd.Variable._execution_engine.queue_callback
            queue(lambda: queue(partial(self._at_end, task)))  # theirs are queued during the pass: ours comes after

    def _forward(self, name: str | None, module: Any, args: Any, output: Any) -> None:
        """Hook of a module: its output gets a hook, and its input shows the zeros of the activation before it.

        `name`: None for the model, of which only its pass is to be seen.
        """
        if self._is_compiling() or not self._is_due or not self._torch.is_grad_enabled():
            return
        try:
            has_zeros = name is not None and self._is_costly and self._kinds[ZEROS]
            if has_zeros and args and hasattr(args[0], "grad_fn"):
                self._look_at_zeros(args[0])
            tensor = output if hasattr(output, "grad_fn") else _first_tensor(output)  # nearly always the former
            node = None if tensor is None else tensor.grad_fn
            if node is not None:
                if has_zeros:
                    node.metadata[self] = name  # the graph is asked for it where an activation is found
                node.register_prehook(partial(self._backward, name, tensor.output_nr))
        except Exception as error:  # noqa: BLE001  # whatever a module returns, the training goes on
            self._warn(f"The output of {name} is not recorded: {error}.")

    def _backward(self, name: str | None, at: int, gradients: tuple[Any, ...]) -> None:
        """Hook of a module's output whose gradient is there."""
        if not self._is_due:
            return
        try:
            if self._task() not in self._tasks:
                self._await_end()
            if name is not None and self._has_outputs and gradients[at] is not None:
                self._hold(OUTPUT, name, gradients[at])
        except Exception as error:  # noqa: BLE001  # the training goes on
            self._warn(f"The output of {name} is not recorded: {error}.")

    def _look_at_zeros(self, tensor: Any) -> None:
        """Hold the activation by ReLU that a module's input is, or is taken from without a module between."""
        node, is_same = tensor.grad_fn, True
        for _ in range(MAX_NODES):
            if node is None or self in node.metadata or node.name() == "ReluBackward0":
                break
            is_same = is_same and node.name() in RESHAPING
            node = node.next_functions[0][0] if node.next_functions else None
        if node is None or node.name() != "ReluBackward0" or self in node.metadata:
            return
        name = self._module_before(node)
        if name is None or not (is_same or _saves_plainly(self._torch)):
            return
        node.metadata[self] = None  # seen
        activation = (tensor if is_same else node._saved_result).detach()
        self._counts[name] = self._counts.get(name, 0) + activation.numel()
        self._hold(ZEROS, name, activation)

    def _module_before(self, node: Any) -> str | None:
        """The module whose output a function is of; of a sum that of one operand, if no other is a module's."""
        for _ in range(MAX_NODES):
            inputs = [each for each, _ in node.next_functions if each is not None]
            names = {name for each in inputs if (name := each.metadata.get(self)) is not None}
            if names or len(inputs) != 1:
                return names.pop() if len(names) == 1 else None
            node = inputs[0]
        return None

    def _hold(self, kind: str, name: str, tensor: Any) -> None:
        """Keep a tensor until its norm is taken with those of others, for each call costs time."""
        self._held.append((kind, name, tensor))
        self._elements += tensor.numel()
        if self._elements > MAX_HELD:
            self._take_held()

    def _take_held(self) -> None:
        held, self._held, self._elements = self._held, [], 0
        outputs = [(name, tensor) for kind, name, tensor in held if kind == OUTPUT]
        if self._ranks.size > 1:
            outputs = [(name, self._own_output(tensor)) for name, tensor in outputs]
        self._keep(OUTPUT, outputs)
        zeros = [(name, _local(tensor)) for kind, name, tensor in held if kind == ZEROS]
        if zeros:
            signs = self._torch._foreach_sign([tensor for _, tensor in zeros])  # the sum of their squares counts others
            self._keep(ZEROS, [(name, sign) for (name, _), sign in zip(zeros, signs, strict=True)])

    def _keep(self, kind: str, named: Iterable[tuple[str, Any]]) -> None:
        """Take norms, which stay on their devices."""
        pairs = list(named)
        for places, norms in _norms(self._torch, [tensor for _, tensor in pairs]):
            self._norms.append((kind, [pairs[at][0] for at in places], norms))

    def _at_end(self, task: int) -> None:
        """Read the gradients that a backward pass has left, and the weights that it was made with."""
        self._tasks.discard(task)
        if any(other < task for other in self._tasks):
            return  # this pass is part of another one, as with checkpointing: gradients are not yet reduced
        try:
            with self._torch.no_grad():
                self._read()
        except Exception as error:  # noqa: BLE001  # the training goes on
            self._warn(f"Gradients may be missing from the recording: {error}.")

    def _read(self) -> None:
        for name, leader in self._leaders.items():
            weight = self._parameters[leader]
            if leader in self._touched or weight.grad is None or not weight.requires_grad:
                self._touched[name] = self._parameters[name]
        if self._is_changed():
            known = self._parameters
            self._scan()
            self._set_hooks()
            self.describe(**self._facts())
            self._touched.update((name, each) for name, each in self._parameters.items() if known.get(name) is not each)
        touched = {**self._touched, **self._sharded}
        found = {name: gradient for name, each in touched.items() if (gradient := each.grad) is not None}
        self._touched.clear()
        if not found:  # of torch.autograd.grad, which is no training
            self._held = [each for each in self._held if each[0] != OUTPUT]
            return
        self._take_held()
        self._seen = touched[next(iter(found))]
        if self._kinds[GRADIENT]:
            self._keep(GRADIENT, self._own(found))
        if self._kinds[WEIGHT] and self._is_costly:
            weighed = {name for kind, names, _ in self._norms if kind == WEIGHT for name in names}
            self._keep(WEIGHT, self._own({name: touched[name] for name in found if name not in weighed}))

    def _own(self, tensors: dict[str, Any]) -> Iterable[tuple[str, Any]]:
        """The parts of tensors that this rank counts."""
        if not self._sharded:
            return tensors.items()
        return [(name, self._ranks.own(each)) for name, each in tensors.items()]

    def _before_update(self, optimizer: Any) -> None:
        """Hook of all optimizers: copy the weights, once a step."""
        given = self._optimizer
        if (given is not None and optimizer is not given()) or not (self._is_costly and self._kinds[UPDATE]):
            return
        theirs = {id(each) for group in optimizer.param_groups for each in group["params"]}
        mine = {name: each for name, each in self._parameters.items() if id(each) in theirs}
        kind = type(optimizer).__name__
        if mine and kind not in self._optimizers:
            self._optimizers.append(kind)
            self.describe(optimizer=", ".join(self._optimizers))
        new = {name: each for name, each in mine.items() if name not in self._copies and each.grad is not None}
        if new:
            local = [_local(each).detach() for each in new.values()]
            self._copies.update(zip(new, self._torch._foreach_neg(local), strict=True))

    def step(self, loss: Any = None, scale: float = 1.0) -> None:
        """Record the last backward pass, its gradients divided by `scale`, and count the step."""
        try:
            if self._is_due:
                with self._torch.no_grad():
                    self._record(loss, float(scale))
        except Exception as error:  # noqa: BLE001  # the training goes on
            self._warn(f"Step {self.count} is not recorded, or not wholly: {error}.")
        finally:
            for waiting in (self._touched, self._tasks, self._held, self._norms, self._counts, self._copies):
                waiting.clear()
            self._seen = None
            self.count += 1
            try:
                self._look_ahead()
            except Exception as error:  # noqa: BLE001  # the training goes on
                self._warn(f"Gradients may be missing from the recording: {error}.")

    def _record(self, loss: Any, scale: float) -> None:
        self._take_held()
        if self._copies:
            present = {name: _local(self._parameters[name]) for name in self._copies}
            self._torch._foreach_add_(list(self._copies.values()), list(present.values()))
        own = self._ranks.own
        self._keep(UPDATE, ((name, own(self._parameters[name], change)) for name, change in self._copies.items()))
        values = self._values()
        if self._ranks.size > 1:
            loss = self._join(values, _number(loss))
        for kind in (GRADIENT, OUTPUT) if scale != 1 else ():
            values[kind] = {name: value / scale for name, value in values[kind].items()}
        for kind, found in values.items():
            order = self._owners if kind in {OUTPUT, ZEROS} else self._parameters
            values[kind] = {name: found[name] for name in order if name in found}
        if any(values.values()):
            self.write_norms(self.count, values.pop(GRADIENT), _number(loss), **values)

    def _values(self) -> dict[str, dict[str, float]]:
        """All norms by kind and name, copied from each device at once; zeros as their shares."""
        values: dict[str, dict[str, float]] = {kind: {} for kind in self._kinds}
        by_device: dict[Any, list[Any]] = {}
        for each in self._norms:
            by_device.setdefault(each[2].device, []).append(each)
        for several in by_device.values():
            numbers = iter(self._torch.cat([norms for *_, norms in several]).tolist())
            for kind, names, _ in several:
                found, adds = values[kind], kind in {OUTPUT, ZEROS}  # over all passes
                for name, norm in zip(names, numbers, strict=False):
                    found[name] = math.hypot(found[name], norm) if adds and name in found else norm
        values[ZEROS] = {name: 1 - norm * norm / self._counts[name] for name, norm in values[ZEROS].items()}
        return values

    def _join(self, values: dict[str, dict[str, float]], loss: float | None) -> float | None:
        """Join what the ranks have in one collective: sums of squares, and counts. Returns the mean loss."""
        sharded = [name for name, each in self._sharded.items() if each.device_mesh.size() == self._ranks.size]
        for name in self._sharded.keys() - set(sharded):
            self._warn(f"{name} is sharded over some ranks alone, so it is not recorded.")
            for found in values.values():
                found.pop(name, None)
        if not self._ranks.are_all_here():
            self._warn(
                "Not every rank has a recorder of this model with this path, `every` and `first`, made before the "
                "first step. So ∂L/∂z, zeros and sharded parameters are not recorded."
            )
            for kind, found in values.items():
                for name in [*found] if kind in {OUTPUT, ZEROS} else sharded:
                    found.pop(name, None)
            return loss
        slots = [(kind, name) for kind in (GRADIENT, WEIGHT, UPDATE) for name in sharded]
        slots += [(OUTPUT, name) for name in self._owners]
        numbers = [each for kind, name in slots for each in _square(values[kind].pop(name, None))]
        counts = {name: (share * self._counts[name], self._counts[name]) for name, share in values[ZEROS].items()}
        numbers += [float(each) for name in self._owners for each in counts.get(name, (0, 0))]
        values[ZEROS] = {}
        totals = self._ranks.total([*numbers, *((0.0, 0.0) if loss is None else (loss, 1.0))])
        pairs = list(zip(totals[::2], totals[1::2], strict=True))
        parts = 1 if self._shares_batch() else self._ranks.size
        for (kind, name), (total, count) in zip(slots, pairs, strict=False):
            if count:
                values[kind][name] = math.sqrt(total) / (parts if kind == OUTPUT else 1)
        for name, (zeros, count) in zip(self._owners, pairs[len(slots) :], strict=False):
            if count:
                values[ZEROS][name] = zeros / count
        return pairs[-1][0] / pairs[-1][1] if pairs[-1][1] else None

    def _shares_batch(self) -> bool:
        """True if all ranks have the same batch, as with tensor parallel; DDP and FSDP average over batches."""
        return bool(self._sharded) and not any(hasattr(module, "unshard") for module in self._modules)

    def _own_output(self, tensor: Any) -> Any:
        """The part of an output's gradient that this rank counts."""
        is_same = not _is_sharded(tensor) and self._shares_batch()
        return tensor.new_zeros(0) if is_same and self._ranks.rank else self._ranks.own(tensor)

    def close(self) -> None:
        """Remove the hooks and close the file. Closing twice is harmless."""
        self._is_open = self._is_due = self._is_costly = False
        self._unhook(*self._handles)
        super().close()


class _Hook(partial[None]):
    """A hook of a module that copies of the module do not take over, such as those for weight averaging."""

    def __deepcopy__(self, _: Any) -> partial[None]:
        """Return a hook that does nothing."""
        return partial(_do_nothing)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a hook that does nothing."""
        return partial, (_do_nothing,)


class _Ranks:
    """The processes of a distributed training, of which each has a recorder; or the only one."""

    def __init__(self, torch: Any, key: str, model: Any) -> None:
        """`key`: the path and the steps, which all ranks have alike if they record together."""
        self._torch = torch
        self._dist: Any = torch.distributed if torch.distributed.is_available() else None
        self.rank: int = self._dist.get_rank() if self._dist and self.size > 1 else int(os.environ.get("RANK", "0"))
        names = "\n".join([key, *(name for name, _ in model.named_parameters())])
        self._mine = f"gradient_flow/{hashlib.sha256(names.encode()).hexdigest()}"
        self._are_all_here: bool | None = None
        if self.size > 1:
            made = self._store().add(f"{self._mine}/rank {self.rank}", 1)
            self._mine += f"/{made}"
            self._store().add(self._mine, 1)

    @property
    def size(self) -> int:
        """The number of processes."""
        return self._dist.get_world_size() if self._dist is not None and self._dist.is_initialized() else 1

    def _store(self) -> Any:
        return self._dist.distributed_c10d._get_default_store()

    def are_all_here(self) -> bool:
        """True if each rank has made a recorder of the same parameters. All get the answer of the first that asks.

        Without this a collective would wait for ever where one rank records alone.
        """
        if self._are_all_here is None:
            answer = "yes" if self._store().add(self._mine, 0) == self.size else "no"
            self._are_all_here = self._store().compare_set(f"{self._mine}/all", "", answer) == b"yes"
        return self._are_all_here

    def total(self, numbers: list[float]) -> list[float]:
        """The sums over all ranks."""
        device = "cuda" if "nccl" in str(self._dist.get_backend()) else "cpu"
        tensor = self._torch.tensor(numbers, dtype=self._torch.float64, device=device)
        self._dist.all_reduce(tensor)
        return list(tensor.tolist())

    def own(self, tensor: Any, local: Any = None) -> Any:
        """The part of a tensor that this rank counts: its shard; nothing where another rank has the same shard."""
        if not _is_sharded(tensor):
            return tensor if local is None else local
        if any(placement.is_partial() for placement in tensor.placements):
            raise ValueError("a partial tensor has no norm before it is reduced")
        where = zip(tensor.placements, tensor.device_mesh.get_coordinate(), strict=True)
        counts = all(at == 0 or not placement.is_replicate() for placement, at in where)
        local = tensor._local_tensor if local is None else local
        return local if counts else local.new_zeros(0)


def keras_recorder(path: str | os.PathLike[str], every: int = 1, *, weights: bool = True, updates: bool = True) -> Any:
    """Return a callback for Keras 3 that records each batch. Training raises RuntimeError if its step is compiled.

    Besides gradients it records the weights before the optimizer's step, and what that changes.
    """
    from keras.callbacks import Callback  # noqa: PLC0415  # only this function needs Keras

    class KerasRecorder(Callback):  # type: ignore[misc]  # Keras has no types
        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self.optimizer = self.model.optimizer
            sizes = {each.path: math.prod(each.shape) for each in self.model.trainable_variables}
            types = {each.path: type(each).__name__ for each in self.model.layers}
            about = {"sizes": sizes, "modules": types, "optimizer": type(self.optimizer).__name__}
            self.recorder, self.batch = Recorder(path, every, about), 0
            self.norms: dict[str, dict[str, float]] = {}
            self.apply = self.optimizer.apply
            self.optimizer.apply = self.see

        def see(self, grads: Any, trainable_variables: Any = None) -> Any:
            if not self.recorder.due(self.batch):
                return self.apply(grads, trainable_variables)
            variables = trainable_variables or self.model.trainable_variables
            pairs = [pair for pair in zip(variables, grads, strict=True) if pair[1] is not None]
            self.norms = {GRADIENT: {variable.path: _keras_norm(gradient) for variable, gradient in pairs}}
            before = {each.path: _keras_array(each) for each, _ in pairs} if weights or updates else {}
            result = self.apply(grads, trainable_variables)
            if weights:
                self.norms[WEIGHT] = {name: _norm(array) for name, array in before.items()}
            if updates:
                self.norms[UPDATE] = {each.path: _norm(_keras_array(each) - before[each.path]) for each, _ in pairs}
            return result

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            if self.norms:
                gradients = self.norms.pop(GRADIENT)
                self.recorder.write_norms(self.batch, gradients, (logs or {}).get("loss"), **self.norms)
                self.norms = {}
            self.batch += 1

        def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
            self.optimizer.apply = self.apply
            self.recorder.close()

    return KerasRecorder()


def _keras_array(variable: Any) -> Any:
    from keras import ops  # noqa: PLC0415

    return ops.convert_to_numpy(variable).astype("float64")


def _keras_norm(gradient: Any) -> float:
    try:
        return _norm(_keras_array(gradient))
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


@lru_cache(MAX_LAYOUTS)
def _layout(kind: str, names: tuple[str, ...], ending: str) -> str:
    """The text of these names, with places for their numbers."""
    return ", ".join(json.dumps(f"{kind}/{name}").replace("%", "%%") + f": {ending}" for name in names)


def _do_nothing(*_: object) -> None:
    """Take anything."""


def _call(method: weakref.WeakMethod[Any], optimizer: Any, *_: object) -> None:
    """Call a method of an object that may be gone."""
    found = method()
    if found is None:
        return
    try:
        found(optimizer)
    except Exception as error:  # noqa: BLE001  # the training goes on
        found.__self__._warn(f"Updates may be missing from the recording: {error}.")


def _intervals(size: int, modules: int, every: Any, costly_every: Any) -> tuple[int, int, int]:
    """The interval of recorded steps, and among these of outputs, and of weights, updates and zeros.

    They are longer where recording costs much, unless they are given.
    """
    default, outputs, others = 1, 1, 1 if size <= SMALL else 10 if size <= LARGE else 50  # in steps
    if size > SMALL and modules > MANY_MODULES and size < SMALL_MODULE * modules:
        default, outputs, others = 2, 10, 50  # the step of a small module is hardly longer than the hooks
    elif size > LARGE:
        default = 4  # to read large gradients takes up to 7 % of a step
    if every is None:
        every, outputs, others = default, max(1, outputs // default), others // default
    return every, min(outputs, costly_every or others), costly_every or others


def _type_name(module: Any) -> str:
    """The type of a module, which FSDP2 has replaced by a type of its own."""
    name = type(module).__name__
    return name.removeprefix("FSDP") if hasattr(module, "unshard") else name


def _is_sharded(tensor: Any) -> bool:
    return hasattr(tensor, "_local_tensor")


def _is_lazy(parameter: Any) -> bool:
    """True of a parameter whose shape is not known yet."""
    return hasattr(parameter, "materialize")


def _has_parameters(name: str, module: Any) -> bool:
    """True of a module with parameters of its own, also as torch.nn.utils.parametrize keeps them."""
    has_own = bool(list(module.parameters(recurse=False))) or hasattr(module, "parametrizations")
    return has_own and "parametrizations" not in name


def _leaders(model: Any, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The biases that get a gradient with the weight of their module, in PyTorch's own modules, and those weights.

    They need no hook of their own, which saves half of them.
    """
    modules = list(model.named_modules())
    uses = Counter(id(each) for _, module in modules for each in module._parameters.values())
    found = {}
    for name, module in modules:
        if type(module).__module__.startswith("torch.nn.modules.") and {*module._parameters} == {"weight", "bias"}:
            weight, bias = (f"{name}.{part}".removeprefix(".") for part in ("weight", "bias"))
            own = (module.weight, module.bias)
            if weight in parameters and bias in parameters and all(uses[id(each)] == 1 for each in own):
                found[bias] = weight
    return found


def _first_tensor(output: Any) -> Any:
    """The first tensor with a gradient in what a module returns: a tensor, or several in a tuple or a dict."""
    if isinstance(output, Mapping):
        output = tuple(output.values())
    several = output if isinstance(output, (tuple, list)) else (output,)
    return next((each for each in several if getattr(each, "grad_fn", None) is not None), None)


def _local(tensor: Any) -> Any:
    """The tensor, or of a sharded one this rank's part."""
    return getattr(tensor, "_local_tensor", tensor)


def _plain(tensor: Any) -> Any:
    """A tensor of real numbers with the same norm: sparse and complex ones have others inside."""
    if tensor.is_sparse:
        tensor = tensor.coalesce()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.values()
    if tensor.is_complex():
        return tensor.abs()
    return tensor if tensor.is_floating_point() else tensor.double()


def _norms(torch: Any, tensors: list[Any]) -> Iterator[tuple[list[int], Any]]:
    """The L2 norms of tensors that share device and type: their places, and the norms as one tensor."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for at, kind in enumerate(map(KIND, tensors)):
        groups.setdefault(kind, []).append(at)
    rest: dict[tuple[Any, ...], tuple[list[int], list[Any]]] = {}
    for (device, dtype, layout, shape), places in groups.items():
        several = [tensors[at] for at in places]
        if layout is not torch.strided or not dtype.is_floating_point:
            several = [_plain(each) for each in several]
            dtype = several[0].dtype  # noqa: PLW2901  # of all of them
        elif device.type == "cpu" and len(places) > 1 and 0 < shape.numel() <= MAX_STACKED:
            yield places, _norms_on_cpu(torch, torch.stack(several))
            continue
        found = rest.setdefault((device, dtype), ([], []))
        found[0].extend(places)
        found[1].extend(several)
    for (device, _), (places, several) in rest.items():
        if device.type == "cpu":
            yield places, _norms_on_cpu(torch, several)
            continue
        try:  # in doubles no square of a single overflows or vanishes
            yield places, torch.stack(torch._foreach_norm(several, 2, dtype=torch.float64))
        except (RuntimeError, TypeError):  # a device, or a PyTorch, without
            yield places, _scaled_norms(torch, several)


def _norms_on_cpu(torch: Any, several: Any) -> Any:
    """Norms in the tensors' own precision, which is faster by far; again, scaled, where squares overflow or vanish.

    `several`: a list of tensors, or tensors of one shape as one.
    """
    is_list = isinstance(several, list)
    if several[0].dtype not in {torch.float32, torch.float64}:
        several = [each.float() for each in several] if is_list else several.float()
    if is_list:
        norms = _list_of_norms(torch, several)
    else:
        norms = torch.linalg.vector_norm(several.reshape(len(several), -1), dim=1).double()
    safe, scale = SAFE[several[0].dtype == torch.float64]
    for places, by in (((norms < 1 / safe).nonzero(), scale), ((norms > safe).nonzero(), 1 / scale)):
        if len(places):
            scaled = torch._foreach_mul([several[at] for at in places], by)
            norms[places[:, 0]] = _list_of_norms(torch, scaled) / by
    return norms


def _list_of_norms(torch: Any, tensors: list[Any]) -> Any:
    """Norms of singles or doubles whose squares don't overflow.

    Large tensors are taken in blocks. In one go PyTorch is slower, and off by 0.1 % at ten million equal singles.
    """
    large = [at for at, each in enumerate(tensors) if each.numel() > MAX_BLOCK]
    rest = tensors if not large else [each[:0] if each.numel() > MAX_BLOCK else each for each in tensors]
    norms = torch.stack(torch._foreach_norm(rest)).double()
    for at in large:
        by_stride = sorted(range(tensors[at].dim()), key=tensors[at].stride, reverse=True)  # copies nothing
        blocks = [each.contiguous() for each in tensors[at].permute(by_stride).reshape(-1).split(MAX_BLOCK)]
        norms[at] = torch.stack([torch.dot(each, each) for each in blocks]).double().sum().sqrt()
    return norms


def _scaled_norms(torch: Any, several: list[Any]) -> Any:
    """Norms of tensors divided by their largest values, multiplied again in doubles on the CPU."""
    several = [each if each.element_size() >= 4 else each.float() for each in several]
    largest = torch.stack([each.abs().amax() if each.numel() else each.new_zeros(()) for each in several])
    scale = torch.where((largest > 0) & largest.isfinite(), largest, torch.ones_like(largest))
    norms = torch.stack([torch.linalg.vector_norm(each / by) for each, by in zip(several, scale, strict=True)])
    return norms.cpu().double() * scale.cpu().double()


def _saves_plainly(torch: Any) -> bool:
    """True if what the graph saves can be read at once: checkpointing would compute it again."""
    hooks = getattr(torch._C._autograd, "_top_saved_tensors_default_hooks", None)
    return hooks is not None and hooks(True) is None


def _number(loss: Any) -> float | None:
    return None if loss is None else float(_local(loss.detach()) if hasattr(loss, "detach") else loss)


def _square(norm: float | None) -> tuple[float, float]:
    """The square of a norm and the number of norms, 0 or 1."""
    return (0.0, 0.0) if norm is None else (norm * norm, 1.0)


def _norm(array: Any) -> float:
    """Return the L2 norm √Σ|x|² of an array or number, scaled by the largest value so that no square overflows."""
    import numpy as np  # noqa: PLC0415  # arrays are given, so numpy is installed

    array = np.asarray(array)
    values = np.abs(array if array.dtype.kind == "c" else array.astype(np.float64)).astype(np.float64).ravel()
    largest = float(values.max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    scaled = values / largest
    return largest * math.sqrt(float(scaled @ scaled))


def _as_step(step: Any) -> int | float:
    """A step as JSON takes it, whatever library its number is of."""
    return operator.index(step) if hasattr(step, "__index__") else float(step)


def _text(number: Any) -> str:
    """A number as JSON with seven digits, the precision of a single, which halves the file."""
    value = float(number)
    return f"{value:.7g}" if math.isfinite(value) else json.dumps(value)
