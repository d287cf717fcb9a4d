"""The recorder of a PyTorch model: its values against PyTorch's own, and that nothing ends a training."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradient_flow_recorder
import pytest
from gradient_flow_recorder import TorchRecorder

from app.runs.run import combine, read
from tests.support.train_tiny import run_example

torch: Any = pytest.importorskip("torch", reason="needs requirements/tools.txt")
nn = torch.nn
pytestmark = pytest.mark.xdist_group("tools")

GRADIENTS_ALONE: dict[str, Any] = {"outputs": False, "weights": False, "updates": False, "zeros": False}


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if "gradient_flow" not in line]


def heads(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if "gradient_flow" in line]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def record_once(path: Path, model: Any, loss: Callable[[], Any], **how: Any) -> dict[str, Any]:
    with TorchRecorder(path, model, **how) as recorder:
        loss().backward()
        recorder.step()
    return records(path)[-1]


def part(record: dict[str, Any], kind: str) -> dict[str, float]:
    return {name.removeprefix(f"{kind}/"): value for name, value in record.items() if name.startswith(f"{kind}/")}


def test_the_lines_that_the_page_shows_run(path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    known: dict[str, Any] = {
        "model": model,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
        "criterion": nn.functional.mse_loss,
        "batches": [(torch.ones(5, 3), torch.zeros(5, 2))] * 3,
    }
    with contextlib.chdir(path.parent):
        run_example("pytorch", known)
    known["recorder"].close()
    log = read("run.jsonl", path.read_bytes())
    for kind in ("parameter", "output", "weight", "update", "update ratio", "gradient ratio"):
        (run,) = combine([log], kind)
        assert (run.names, run.steps.tolist(), run.problems) == (("0", "1"), [0, 1, 2], ())
        assert (run.norms > 0).all()
        assert run.loss is not None
        assert (run.modules, run.optimizer) == ({"0": "Linear", "1": "Linear"}, "SGD")


class Watched:
    """PyTorch's own values of a model's modules, by hooks of the usual kind."""

    def __init__(self, model: Any) -> None:
        self.outputs: dict[str, float] = {}
        self.zeros: dict[str, float] = {}
        for name, module in model.named_children():
            module.register_forward_hook(lambda _module, _inputs, output, name=name: self._look(name, output))

    def _look(self, name: str, output: Any) -> None:
        self.zeros[name] = float((output == 0).double().mean())
        output.register_hook(lambda gradient: self.outputs.__setitem__(name, float(gradient.double().norm())))


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_all_values_are_pytorch_s_own(kind: str, path: Path) -> None:
    torch.manual_seed(0)
    layers = [nn.Linear(5, 7), nn.ReLU(), nn.Dropout(0.5), nn.Linear(7, 6), nn.LayerNorm(6), nn.ReLU(inplace=True)]
    model = nn.Sequential(*layers, nn.Linear(6, 3))
    optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01, weight_decay=0.01)
    watched, named = Watched(model), dict(model.named_parameters())
    with TorchRecorder(path, model) as recorder:
        for _ in range(3):
            optimizer.zero_grad()
            loss = model(torch.randn(11, 5)).square().mean()
            loss.backward()
            gradients = {name: float(each.grad.norm()) for name, each in named.items()}
            before = {name: each.detach().clone() for name, each in named.items()}
            nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
            optimizer.step()
            recorder.step(loss)
            record = records(path)[-1]
            assert record["loss"] == pytest.approx(loss.item())
            assert part(record, "grad_norm") == pytest.approx(gradients, rel=1e-6)
            assert part(record, "weight_norm") == pytest.approx(
                {name: float(each.norm()) for name, each in before.items()}
            )
            changed = {name: float((each.detach() - before[name]).norm()) for name, each in named.items()}
            assert part(record, "update_norm") == pytest.approx(changed)
            with_parameters = {name: watched.outputs[name] for name in "0346"}
            assert part(record, "output_grad_norm") == pytest.approx(with_parameters, rel=1e-5)
            assert part(record, "zeros") == pytest.approx({"0": watched.zeros["1"], "4": watched.zeros["5"]})
    assert [head.get("optimizer") for head in heads(path)] == [None, kind]


@pytest.mark.parametrize("kind", ["gradients", "outputs", "weights", "updates", "zeros"])
def test_each_kind_can_be_turned_off(kind: str, path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with TorchRecorder(path, model, **{kind: False}) as recorder:
        model(torch.ones(2, 3)).sum().backward()
        optimizer.step()
        recorder.step()
    prefixes = {
        "gradients": "grad_norm",
        "outputs": "output_grad_norm",
        "weights": "weight_norm",
        "updates": "update_norm",
        "zeros": "zeros",
    }
    found = {name.partition("/")[0] for name in records(path)[0]} - {"step"}
    assert found == set(prefixes.values()) - {prefixes[kind]}


def test_accumulated_gradients_are_seen_as_their_sum(path: Path) -> None:
    model = nn.Linear(3, 2)
    with TorchRecorder(path, model, weights=False) as recorder:
        for _ in range(2):
            model(torch.ones(1, 3)).sum().backward()
        recorder.step()
    (record,) = records(path)
    expected = {"grad_norm/weight": 2 * 6**0.5, "grad_norm/bias": 2 * 2**0.5, "output_grad_norm/": 2.0}
    assert record == pytest.approx({"step": 0} | expected, rel=1e-6)


def test_with_mixed_precision_the_scale_is_taken_out(path: Path) -> None:
    model = nn.Linear(3, 2)
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cpu", init_scale=1024.0)
    with TorchRecorder(path, model) as recorder:
        for factor in (1.0, math.inf):
            optimizer.zero_grad()
            scaler.scale(model(torch.ones(1, 3)).sum() * factor).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
            scaler.step(optimizer)
            recorder.step(scale=scaler.get_scale())
            scaler.update()
    plain, skipped = records(path)
    assert plain["grad_norm/bias"] == pytest.approx(2**0.5, rel=1e-6)
    assert plain["output_grad_norm/"] == pytest.approx(2**0.5, rel=1e-6)
    assert skipped["grad_norm/bias"] == math.inf
    assert "update_norm/bias" not in skipped


def test_a_parameter_without_a_gradient_is_left_out(path: Path) -> None:
    model = nn.ModuleDict({"used": nn.Linear(1, 1), "idle": nn.Linear(1, 1), "fixed": nn.Linear(1, 1)})
    model["fixed"].requires_grad_(False)
    with TorchRecorder(path, model, first=7, **GRADIENTS_ALONE) as recorder:
        model["used"](torch.ones(1, 1)).sum().backward()
        recorder.step(torch.tensor(0.25))
        recorder.step()
    assert records(path) == [{"step": 7, "loss": 0.25, "grad_norm/used.weight": 1.0, "grad_norm/used.bias": 1.0}]


@pytest.mark.parametrize("size", [1e-40, 1e-30, 1e-23, 1e-16, 1e16, 1e25, 1e37])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_a_norm_neither_overflows_nor_vanishes(dtype: str, size: float, path: Path) -> None:
    model = nn.Linear(4, 1, bias=False, dtype=getattr(torch, dtype))
    inputs = torch.full((1, 4), size, dtype=getattr(torch, dtype))
    record = record_once(path, model, lambda: model(inputs).sum(), **GRADIENTS_ALONE)
    assert record["grad_norm/weight"] == pytest.approx(2 * float(inputs[0, 0]), rel=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_norms_that_are_taken_together_are_those_of_each(dtype: str) -> None:
    torch.manual_seed(0)
    sizes = (0.0, 1e-40, 1e-23, 1.0, 1e16, 1e30, math.inf, math.nan)
    shapes = [(4,)] * len(sizes) + [(), (), (50, 60), (50, 60), (0,), (0,)]
    tensors = [
        (torch.rand(shape, dtype=torch.float64) + 0.5).mul(size).to(getattr(torch, dtype))
        for shape, size in zip(shapes, (*sizes, *[1.0] * 6), strict=True)
    ]
    found = {
        at: norm
        for places, norms in gradient_flow_recorder._norms(torch, tensors)
        for at, norm in zip(places, norms.tolist(), strict=True)
    }
    expected = {at: float(tensor.double().norm()) for at, tensor in enumerate(tensors)}
    assert found == pytest.approx(expected, rel=1e-5, abs=0, nan_ok=True)


@pytest.mark.parametrize("size", [1e-3, 1e-30, 1e30])
def test_the_norm_of_a_large_tensor_is_right_to_five_digits(size: float) -> None:
    large = torch.full((1500, 2000), size)  # PyTorch's own norm of it is off by 0.2 %
    tensors = [large, large.t(), large[:, ::2], torch.full((), size).expand(600_000), torch.full((3,), size)]
    tensors.append(torch.full((64, 64, 24, 24), size).contiguous(memory_format=torch.channels_last))
    ((places, norms),) = gradient_flow_recorder._norms(torch, tensors)
    expected = [size * math.sqrt(tensors[at].numel()) for at in places]
    assert norms.tolist() == pytest.approx(expected, rel=1e-5)


def test_a_bias_is_recorded_without_its_weight(path: Path) -> None:
    model, inputs = nn.Linear(3, 2), torch.ones(1, 3)
    with TorchRecorder(path, model, **GRADIENTS_ALONE) as recorder:
        model(inputs).sum().backward(inputs=[model.bias])
        recorder.step()
        model.weight.requires_grad_(requires_grad=False)
        model(inputs).sum().backward()
        recorder.step()
    assert [part(record, "grad_norm") for record in records(path)] == [
        {"bias": pytest.approx(2**0.5)},
        {"bias": pytest.approx(8**0.5)},
    ]


def test_a_shared_weight_says_nothing_about_the_biases(path: Path) -> None:
    model = nn.ModuleDict({"one": nn.Linear(2, 2), "two": nn.Linear(2, 2)})
    model["two"].weight = model["one"].weight
    with TorchRecorder(path, model, **GRADIENTS_ALONE) as recorder:
        for used in (("one", "two"), ("one",), ("two",)):
            model.zero_grad(set_to_none=False)
            sum(model[name](torch.ones(1, 2)).sum() for name in used).backward()
            recorder.step()
    assert [{*part(record, "grad_norm")} for record in records(path)] == [
        {"one.weight", "one.bias", "two.bias"},
        {"one.weight", "one.bias"},
        {"one.weight", "two.bias"},
    ]


def test_a_bias_is_recorded_if_its_weight_takes_no_hook(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = torch.Tensor.register_post_accumulate_grad_hook

    def refusing(parameter: Any, function: Any) -> Any:
        if parameter.dim() == 2:
            raise RuntimeError("no hooks here")
        return hook(parameter, function)

    monkeypatch.setattr(torch.Tensor, "register_post_accumulate_grad_hook", refusing)
    model = nn.Linear(3, 2)
    with pytest.warns(RuntimeWarning, match="gradient of weight is not recorded: no hooks here"):
        record = record_once(path, model, lambda: model(torch.ones(1, 3)).sum(), **GRADIENTS_ALONE)
    assert {*part(record, "grad_norm")} == {"bias"}


def test_nan_and_zero_are_what_they_are(path: Path) -> None:
    model = nn.Linear(2, 1)
    inputs = torch.tensor([[0.0, math.nan]])
    assert math.isnan(record_once(path, model, lambda: model(inputs).sum())["grad_norm/weight"])
    model.zero_grad()
    assert record_once(path, model, lambda: model(torch.zeros(1, 2)).sum())["grad_norm/weight"] == 0


def test_sparse_and_complex_gradients_are_seen(path: Path) -> None:
    embedding = nn.Embedding(10, 4, sparse=True)
    found = record_once(path, embedding, lambda: embedding(torch.tensor([3, 3])).sum())
    assert found["grad_norm/weight"] == pytest.approx(4.0)
    layer = nn.Linear(2, 1, bias=False, dtype=torch.complex64)
    found = record_once(path, layer, lambda: layer(torch.full((1, 2), 3 + 4j)).abs().sum())
    assert found["grad_norm/weight"] == pytest.approx(5 * 2**0.5)


def test_outputs_are_those_of_all_uses_of_a_module(path: Path) -> None:
    layer = nn.Linear(2, 2)
    found = record_once(path, layer, lambda: layer(layer(torch.ones(3, 2))).sum())
    first = torch.ones(3, 2) @ layer.weight.detach()
    assert found["output_grad_norm/"] == pytest.approx(math.hypot(float(first.norm()), 6**0.5), rel=1e-6)


def test_outputs_of_passes_that_were_given_up_do_not_count(path: Path) -> None:
    model = nn.Linear(3, 1)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=5)

    def loss() -> Any:
        optimizer.zero_grad()
        found = (model(torch.ones(2, 3)) - 1).square().sum()
        found.backward()
        return found

    with TorchRecorder(path, model) as recorder:
        optimizer.step(loss)
        recorder.step()
    (record,) = records(path)
    assert record["output_grad_norm/"] == pytest.approx(record["grad_norm/bias"] / 2**0.5)


def test_outputs_in_tuples_are_seen_and_passes_without_gradients_are_not(path: Path) -> None:
    model = nn.ModuleDict({"lstm": nn.LSTM(3, 4), "attention": nn.MultiheadAttention(4, 2)})

    def loss() -> Any:
        with torch.no_grad():
            model["lstm"](torch.ones(5, 1, 3))
        output, _ = model["lstm"](torch.ones(5, 1, 3))
        attended, _ = model["attention"](output, output, output)
        return (2 * attended).sum() + output.sum() * 0

    found = record_once(path, model, loss)
    assert found["output_grad_norm/attention"] == pytest.approx(2 * 20**0.5)
    assert found["output_grad_norm/lstm"] > 0


def test_zeros_are_those_of_relu_alone_and_of_one_module(path: Path) -> None:
    class Residual(nn.Module):  # type: ignore[misc, name-defined]  # torch is no name of a module here
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.smooth, self.last = (nn.Linear(6, 6) for _ in range(4))

        def forward(self, inputs: Any) -> Any:
            hidden = torch.relu(self.first(inputs))
            self.expected = {"first": hidden}
            hidden = torch.relu(hidden + self.second(hidden))
            self.expected["second"] = hidden
            pooled = nn.functional.max_pool1d(hidden.view(4, 1, 6), 1).flatten(1)
            return self.last(nn.functional.gelu(self.smooth(pooled)))

    torch.manual_seed(1)
    model = Residual()
    found = part(record_once(path, model, lambda: model(torch.randn(4, 6)).sum()), "zeros")
    assert found == pytest.approx({name: float((each == 0).float().mean()) for name, each in model.expected.items()})


def test_a_gradient_of_a_gradient_counts_only_where_it_is_trained(path: Path) -> None:
    layer = nn.Linear(3, 1)

    def loss() -> Any:
        inputs = torch.ones(2, 3, requires_grad=True)
        (slope,) = torch.autograd.grad(layer(inputs).sum(), inputs, create_graph=True)
        return slope.square().sum()

    with TorchRecorder(path, layer) as recorder:
        loss()
        recorder.step()
        loss().backward()
        recorder.step()
    (record,) = records(path)
    assert record["grad_norm/weight"] == pytest.approx(float(4 * layer.weight.detach().norm()))


def test_parameters_that_are_unfrozen_added_or_made_later_are_picked_up(path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LazyLinear(2))
    model[0].requires_grad_(False)
    with TorchRecorder(path, model, **GRADIENTS_ALONE) as recorder:
        for step in range(4):
            model(torch.ones(1, 2)).sum().backward()
            recorder.step()
            if step == 1:
                model[0].requires_grad_(True)
            if step == 2:
                model.append(nn.Linear(2, 2))
        model(torch.ones(1, 2)).sum().backward()
        recorder.step()
    seen = [
        (record["step"], sorted({name.split("/")[1][0] for name in record if "/" in name})) for record in records(path)
    ]
    assert seen == [(0, ["1"]), (1, ["1"]), (2, ["0", "1"]), (3, ["0", "1", "2"]), (4, ["0", "1", "2"])]
    (run,) = combine([read("run.jsonl", path.read_bytes())])
    assert run.names == ("0", "1", "2")
    assert run.sizes == (6, 6, 6)


def test_what_goes_wrong_is_one_warning_and_the_training_goes_on(path: Path) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with warnings.catch_warnings(record=True) as caught, TorchRecorder(path, model) as recorder:
        warnings.simplefilter("always")
        for loss in ("no number", object(), 1.0):
            model(torch.ones(1, 2)).sum().backward()
            optimizer.step()
            recorder.step(loss)
        recorder._file.close()
        recorder.step(2.0)
    assert len(caught) == 1
    assert "Step 0 is not recorded, or not wholly: could not convert" in str(caught[0].message)
    assert [record["step"] for record in records(path)] == [2]


def test_a_backward_pass_that_failed_does_not_stop_the_recording(path: Path) -> None:
    model = nn.Linear(2, 2)

    def fail(_: Any) -> None:
        raise MemoryError

    with TorchRecorder(path, model, **GRADIENTS_ALONE) as recorder:
        output = model(torch.ones(1, 2))
        handle = model.weight.register_hook(fail)
        with contextlib.suppress(MemoryError):
            output.sum().backward()
        handle.remove()
        recorder.step()
        model.zero_grad()
        model(torch.ones(1, 2)).sum().backward()
        recorder.step()
    assert records(path)[-1] == pytest.approx({"step": 1, "grad_norm/weight": 2.0, "grad_norm/bias": 2**0.5})


def test_large_models_record_weights_at_fewer_steps(path: Path) -> None:
    model = nn.Linear(400, 300)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with TorchRecorder(path, model, every=2) as recorder:
        for _ in range(24):
            model(torch.ones(1, 400)).sum().backward()
            optimizer.step()
            recorder.step()
    weighed = [record["step"] for record in records(path) if "weight_norm/weight" in record]
    assert weighed == [record["step"] for record in records(path) if "update_norm/weight" in record] == [0, 20]


SQUARES: dict[str, Any] = {"bias": False, "device": "meta"}


@pytest.mark.parametrize(
    ("model", "every", "outputs", "others"),
    [
        (nn.Linear(100, 1000, **SQUARES), 1, 1, 1),
        (nn.Linear(1000, 1000, **SQUARES), 1, 1, 10),
        (nn.Linear(1000, 1001, **SQUARES), 4, 1, 12),
        (nn.Sequential(*[nn.Linear(32, 32, **SQUARES) for _ in range(97)]), 1, 1, 1),
        (nn.Sequential(*[nn.Linear(32, 32, **SQUARES) for _ in range(101)]), 2, 5, 25),
        (nn.Sequential(*[nn.Linear(100, 100, **SQUARES) for _ in range(101)]), 4, 1, 12),
        (nn.LazyLinear(10_000), 1, 1, 1),
    ],
)
def test_the_model_decides_the_intervals(model: Any, every: int, outputs: int, others: int, path: Path) -> None:
    with TorchRecorder(path, model) as recorder:
        assert (recorder.every, recorder._outputs_every, recorder._costly_every) == (every, outputs, others)
    assert heads(path)[0]["every"] == every
    with TorchRecorder(path, model, every=3) as recorder:
        assert recorder.every == 3
        assert recorder._costly_every == {1: 1, 10: 10, 12: 50, 25: 50}[others]
    assert heads(path)[-1]["every"] == 3


def test_a_large_model_is_recorded_at_every_fourth_step_by_its_true_number(path: Path) -> None:
    model = nn.Linear(1000, 1)
    model.register_parameter("table", nn.Parameter(torch.zeros(1).expand(1000, 1000)))  # takes no memory
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with TorchRecorder(path, model, first=2) as recorder:
        for step in range(2, 54):
            optimizer.zero_grad()
            (step * model(torch.ones(1, 1000))).sum().backward()
            optimizer.step()
            recorder.step()
    log = read("run.jsonl", path.read_bytes())
    (run,) = combine([log])
    assert run.steps.tolist() == [*range(4, 54, 4)]
    assert run.norms[0].tolist() == pytest.approx([step * 1000**0.5 for step in range(4, 54, 4)])
    assert combine([log], "update")[0].steps.tolist() == [48]


def test_models_of_many_small_modules_record_outputs_at_fewer_steps(path: Path) -> None:
    model = nn.Sequential(*[nn.Linear(32, 32) for _ in range(101)])
    steps: dict[int | None, list[int]] = {}
    for costly_every in (None, 5):
        path.unlink(missing_ok=True)
        with TorchRecorder(path, model, every=1, first=3, costly_every=costly_every) as recorder:
            for _ in range(8):
                model(torch.ones(1, 32)).sum().backward()
                recorder.step()
        steps[costly_every] = [record["step"] for record in records(path) if "output_grad_norm/7" in record]
    assert steps == {None: [10], 5: [5, 10]}


def test_a_compiled_model_shows_its_parameters(path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        recorder = TorchRecorder(path, model)
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        compiled(torch.ones(2, 3)).sum().backward()
        recorder.step()
    recorder.close()
    assert set(part(records(path)[0], "grad_norm")) == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_copies_of_a_model_are_not_recorded(path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    with TorchRecorder(path, model) as recorder:
        torch.save(model, path.with_suffix(".pt"))
        kept = torch.load(path.with_suffix(".pt"), weights_only=False)
        average = torch.optim.swa_utils.AveragedModel(model)
        for each in (kept, average, copy.deepcopy(model)):
            each(torch.ones(1, 2)).sum().backward()
            recorder.step()
        model(torch.ones(1, 2)).sum().backward()
        recorder.step()
    assert [record["step"] for record in records(path)] == [3]


def test_parameters_of_whole_numbers_are_passed_over(path: Path) -> None:
    model = nn.Linear(2, 2)
    model.register_parameter("table", nn.Parameter(torch.tensor([-128], dtype=torch.int8), requires_grad=False))
    assert "grad_norm/weight" in record_once(path, model, lambda: model(torch.ones(1, 2)).sum())
    assert heads(path)[0]["sizes"]["table"] == 1


def test_steps_that_are_not_recorded_have_no_hooks(path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    hooked = []
    with TorchRecorder(path, model, every=3) as recorder:
        for _ in range(7):
            hooked.append((bool(model[0]._forward_hooks), bool(model[0].weight._post_accumulate_grad_hooks)))
            model(torch.ones(1, 2)).sum().backward()
            recorder.step()
    assert hooked == [(at % 3 == 0, at % 3 == 0) for at in range(7)]
    assert [(record["step"], len(part(record, "output_grad_norm"))) for record in records(path)] == [
        (0, 2),
        (3, 2),
        (6, 2),
    ]


def test_closing_takes_the_hooks_away(path: Path) -> None:
    model = nn.Linear(3, 2)
    with TorchRecorder(path, model):
        assert model.weight._post_accumulate_grad_hooks
        assert model._forward_hooks
    assert not model.weight._post_accumulate_grad_hooks
    assert not model._forward_hooks


def test_hooks_that_cannot_be_put_back_do_not_end_the_training(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TorchRecorder(path, nn.Linear(3, 2), every=2) as recorder:
        monkeypatch.setattr(recorder, "_resting", None)
        with pytest.warns(RuntimeWarning, match="Gradients may be missing from the recording"):
            recorder.step()
        assert recorder.count == 1
