"""Tables: wide and in long form, with any separator, one metric a file; the numbers are invented."""

from __future__ import annotations

import pytest

from app.runs.collector import LogError, finished
from app.runs.formats.delimited import find_header
from app.runs.formats.table_columns import read_header
from app.runs.run import combine, read
from tests.runs.formats.reading import TWO, layers, one, refusal, steps, together, values

ROWS = "{s}5{s}0.1{s}0.2\n{s}7{s}0.3{s}0.4\n"


@pytest.mark.parametrize(
    "text",
    [
        "step,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\n7,0.3,0.4\n",
        "step,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2,\n7,0.3,0.4,\n",
        "step, grad_norm/fc1, grad_norm/fc2,\n5, 0.1, 0.2,\n7, 0.3, 0.4,\n",
        "time,step,grad_norm/fc1,grad_norm/fc2\n2024-01-01 00:00:00,5,0.1,0.2\n2024-01-01 00:00:01,7,0.3,0.4\n",
        "step,grad_norm/fc1,grad_norm/fc2\n5,tensor(0.1),tensor(0.2)\n7,tensor(0.3),tensor(0.4)\n",
        "\ufeffstep;grad_norm/fc1;grad_norm/fc2\r\n5;0,1;0,2\r\n7;3E-01;4,0E-01\r\n",
        "sep=;\nstep;grad_norm/fc1;grad_norm/fc2\n5;0,1;0,2\n7;0,3;0,4\n",
        'step,grad_norm/fc1,grad_norm/fc2\n5,"0,1","0,2"\n7,"0,3","0,4"\n',
        "step\tgrad_norm/fc1\tgrad_norm/fc2\n5\t0,1\t0,2\n7\t0,3\t0,4\n",
        "step|grad_norm/fc1|grad_norm/fc2\n5|0.1|0.2\n7|0.3|0.4\n",
        "+------+-----+-----+\n| step | fc1 | fc2 |\n+------+-----+-----+\n| 5 | 0.1 | 0.2 |\n| 7 | 0.3 | 0.4 |\n",
        "step fc1.weight fc2.weight\n5 0.1 0.2\n7 0.3 0.4\n",
        "   step  fc1.weight  fc2.weight\n0     5         0.1         0.2\n1     7         0.3         0.4\n",
        "# step fc1.weight fc2.weight\n5 0.1 0.2\n7 0.3 0.4\n",
        "# lr=0.1, bs=64\n# run a\nstep,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\n# resumed\n7,0.3,0.4\n",
        ",step,grad_norm/fc1,grad_norm/fc2\n0,5,0.1,0.2\n1,7,0.3,0.4\n",
        "Unnamed: 0,step,grad_norm/fc1,grad_norm/fc2\n0,5,0.1,0.2\n1,7,0.3,0.4\n",
        ",grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\n7,0.3,0.4\n",
        "Iteration,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\n7,0.3,0.4\n",
        "epoch,trainer/global_step,grad_norm/fc1,grad_norm/fc2\n0,5,0.1,0.2\n0,7,0.3,0.4\n",
        "Epoch,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\n7,0.3,0.4\n",
        '"Step","lr=0.1,bs=64 - grad_norm/fc1","lr=0.1,bs=64 - grad_norm/fc1__MIN","lr=0.1,bs=64 - grad_norm/fc2"\n'
        '"5","0.1","0.1","0.2"\n"7","0.3","0.2","0.4"\n',
        "step,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\nstep,grad_norm/fc1,grad_norm/fc2\n7,0.3,0.4\n",
        "step,grad_norm/fc1,grad_norm/fc2\n5,0.1,0.2\nstep,lr,grad_norm/fc1,grad_norm/fc2\n7,9,0.3,0.4\n",
        "step,grad_norms\n5,\"{'fc1': 0.1, 'fc2': 0.2}\"\n7,\"{'fc1': 0.3, 'fc2': 0.4}\"\n",
    ],
)
def test_a_wide_table_has_a_column_a_layer(text: str) -> None:
    assert (layers(text), steps(text)) == (TWO, [5, 7])
    assert all("gradients" in problem for problem in one(text).problems)  # what no name says, and no line that was left


def test_colons_in_names_make_no_print_of_a_table() -> None:
    text = "epoch,dense/kernel:0,dense_1/kernel:0,loss\n5,0.1,0.2,9\n7,0.3,0.4,9\n"
    assert (list(layers(text).values()), steps(text)) == ([[0.1, 0.3], [0.2, 0.4]], [5, 7])


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_and_without_its_mark(coding: str) -> None:
    text = "step\tgrad_norm/fc1\tgrad_norm/fc2\n5\t0,1\t0,2\n7\t0,3\t0,4\n".encode(coding)
    assert (layers(text), steps(text)) == (TWO, [5, 7])


@pytest.mark.parametrize(
    "text",
    [
        "step,layer,grad_norm\n5,fc1,0.1\n5,fc2,0.2\n7,fc1,0.3\n7,fc2,0.4\n",
        "step;layer;grad_norm\n5;fc1;0,1\n5;fc2;0,2\n7;fc1;0,3\n7;fc2;0,4\n",
        "epoch,param_name,grad_norm,weight_norm\n5,fc1.weight,0.1,3\n5,fc2.weight,0.2,3\n7,fc1.weight,0.3,3\n7,fc2.weight,0.4,3\n",
        "step,layer,metric,value\n5,fc1,grad_norm,0.1\n5,fc2,grad_norm,0.2\n7,fc1,grad_norm,0.3\n7,fc2,grad_norm,0.4\n",
        "step,module,param,grad_norm\n5,fc1,weight,0.06\n5,fc1,bias,0.08\n5,fc2,weight,0.2\n"
        "7,fc1,weight,0.3\n7,fc1,bias,0\n7,fc2,weight,0.4\n",
        "layer,step,grad_norm\nfc1,5,0.1\nfc2,5,0.2\nfc1,7,0.3\nfc2,7,0.4\n",
        "tag,step,value\ngrad_norm/fc1,5,0.1\ngrad_norm/fc2,5,0.2\ngrad_norm/fc1,7,0.3\ngrad_norm/fc2,7,0.4\n",
        "wall_time,tag,value,step\n1.7e9,grad_norm/fc1,0.1,5\n1.7e9,grad_norm/fc2,0.2,5\n1.7e9,grad_norm/fc1,0.3,7\n"
        "1.7e9,grad_norm/fc2,0.4,7\n1.7e9,loss,0.9,7\n",
        "run,metric,step,value\na,grad_norm/fc1,5,0.1\na,grad_norm/fc2,5,0.2\na,grad_norm/fc1,7,0.3\na,grad_norm/fc2,7,0.4\n",
        "step,layer,grad_norm_pre_clip,grad_norm_post_clip,clip_coef\n5,fc1,0.1,9,9\n5,fc2,0.2,9,9\n7,fc1,0.3,9,9\n7,fc2,0.4,9,9\n",
        "step,layer,grad_norm_weights,grad_norm_biases\n5,fc1,0.06,0.08\n5,fc2,0.2,0\n7,fc1,0.3,0\n7,fc2,0.4,0\n",
        "  step layer  grad_norm\n0    5   fc1    0.1\n1    5   fc2    0.2\n2    7   fc1    0.3\n3    7   fc2    0.4\n",
    ],
)
def test_long_form_has_a_row_a_layer_and_step(text: str) -> None:
    assert (layers(text), steps(text)) == (TWO, [5, 7])


def test_what_a_long_table_leaves_out_is_said() -> None:
    text = "step,layer,grad_rms_pre_clip,grad_rms_post_clip\n0,a,1,2\n0,b,3,4\n"
    run = one(text)
    assert (run.reduction, run.norms.tolist()) == ("rms", [[1], [3]])
    assert "grad_rms_post_clip was left out" in " ".join(run.problems)


def test_layers_of_several_kinds_and_numbers_are_not_written_over_each_other() -> None:
    text = "step,kind,layer,grad_norm\n5,attn,0,0.1\n5,mlp,0,0.2\n7,attn,0,0.3\n7,mlp,0,0.4\n"
    assert layers(text) == {"attn/0": [0.1, 0.3], "mlp/0": [0.2, 0.4]}


def test_a_long_table_without_steps_counts_the_layers_that_come_again() -> None:
    text = "layer,grad_norm\nfc1,0.1\nfc2,0.2\nfc1,0.3\nfc2,0.4\n"
    assert (layers(text), steps(text)) == (TWO, [0, 1])


@pytest.mark.parametrize("header", ["layer,5,7", "layer,step_5,step_7", "name,epoch 5,epoch 7"])
def test_a_table_may_have_a_row_a_layer_and_a_column_a_step(header: str) -> None:
    text = f"{header}\nfc1.weight,0.1,0.3\nfc2.weight,0.2,0.4\n"
    assert (layers(text), steps(text)) == (TWO, [5, 7])
    assert "The columns are taken for steps" in " ".join(one(text).problems)


def test_columns_may_be_called_by_numbers() -> None:
    text = "step,0,1,2\n5,0.1,0.2,0.3\n7,0.4,0.5,0.6\n"
    assert layers(text) == {"0": [0.1, 0.4], "1": [0.2, 0.5], "2": [0.3, 0.6]}


def test_a_list_in_a_cell_is_by_layer() -> None:
    text = 'step,grad_norms\n5,"[0.1, 0.2]"\n7,"[0.3, nan]"\n'
    assert layers(text) == {"0": [0.1, 0.3], "1": [0.2, None]}


def test_a_column_that_comes_twice_is_read_once_and_said() -> None:
    run = one("step,grad_norm/a,grad_norm/a\n1,2,3\n")
    assert run.norms.tolist() == [[2]]
    assert run.problems == ("log.txt: The column grad_norm/a comes twice; the second was left out.",)


@pytest.mark.parametrize(
    ("names", "contents"),
    [
        (
            ("run-.-tag-grad_norm_fc1.csv", "run-.-tag-grad_norm_fc2.csv"),
            "Wall time,Step,Value\n1.7e9,5,{a}\n1.7e9,7,{b}\n",
        ),
        (("job/grad_norm_fc1.csv", "job/grad_norm_fc2.csv"), "step,{n}\n5,{a}\n7,{b}\n"),
        (("grad_norm_fc1.csv", "grad_norm_fc2.csv"), "step,{n}\n5,{a}\n7,{b}\n"),
        (
            ("plots/metrics/grad_norm/fc1.tsv", "plots/metrics/grad_norm/fc2.tsv"),
            "timestamp\tstep\t{n}\n1\t5\t{a}\n2\t7\t{b}\n",
        ),
        (("fc1.tsv", "fc2.tsv"), "step\t{n}\n5\t{a}\n7\t{b}\n"),
        (
            ("mlruns/0/4f/metrics/grad_norm/fc1", "mlruns/0/4f/metrics/grad_norm/fc2"),
            "1700000000000 {a} 5\n1700000000001 {b} 7\n",
        ),
        (("fc1", "fc2"), "1700000000000 {a} 5\n1700000000001 {b} 7\n"),
    ],
    ids=["tensorboard", "deepspeed", "deepspeed files", "dvclive", "dvclive files", "mlflow", "mlflow files"],
)
def test_files_of_one_metric_each_are_one_run(names: tuple[str, str], contents: str) -> None:
    files = {
        name: contents.format(n=layer, a=a, b=b)
        for name, layer, a, b in zip(names, ("fc1", "fc2"), (0.1, 0.2), (0.3, 0.4), strict=True)
    }
    run = together(files)
    assert (values(run), run.steps.tolist()) == (TWO, [5, 7])


@pytest.mark.parametrize(
    ("folder", "gradient", "loss", "contents"),
    [
        (
            "",
            "run-.-tag-grad_norm_fc1.csv",
            "run-.-tag-train_loss.csv",
            "Wall time,Step,Value\n1.7e9,5,{a}\n1.7e9,7,{b}\n",
        ),
        ("job/", "grad_norm_fc1.csv", "train_loss.csv", "step,{n}\n5,{a}\n7,{b}\n"),
        ("plots/metrics/", "grad_norm/fc1.tsv", "train/loss.tsv", "timestamp\tstep\t{n}\n1\t5\t{a}\n2\t7\t{b}\n"),
        ("mlruns/0/4f/metrics/", "grad_norm/fc1", "loss", "1700000000000 {a} 5\n1700000000001 {b} 7\n"),
        ("", "grad_norm_fc1.json", "loss.json", "[[1700000000.5, 5, {a}], [1700000001.5, 7, {b}]]"),
    ],
    ids=["tensorboard", "deepspeed", "dvclive", "mlflow", "tensorboard json"],
)
def test_the_file_of_the_loss_joins_the_run_of_its_neighbours(
    folder: str, gradient: str, loss: str, contents: str
) -> None:
    files = {f"{folder}{gradient}": contents.format(n="fc1", a=0.1, b=0.3)}
    files = {f"{folder}{loss}": contents.format(n="loss", a=2, b=-1), **files}
    run = together(files)
    assert (list(run.names), run.norms.tolist()) == (["fc1"], [[0.1, 0.3]])
    assert run.loss is not None
    assert (run.steps.tolist(), run.loss.tolist()) == ([5, 7], [2, -1])


def test_a_loss_that_may_be_of_several_runs_is_left_out_and_said() -> None:
    content = "1700000000000 0.5 5\n"
    files = {f"mlruns/0/{run}/metrics/grad_norm/fc1": content for run in ("4f", "5a")}
    runs = combine([read(file, content) for file in ({**files, "loss": content})])
    assert [run.loss for run in runs] == [None, None]
    assert any(problem.startswith("loss was left out: ") for problem in runs[0].problems)


def test_the_loss_alone_is_refused() -> None:
    with pytest.raises(LogError, match="no gradients in it"):
        together({"mlruns/0/4f/metrics/loss": "1700000000000 0.5 5\n"})


def test_the_folder_of_one_metric_a_file_is_the_run() -> None:
    content = "1700000000000 0.5 5\n"
    assert [together({f"mlruns/0/{run}/metrics/grad_norm/fc1": content}).title for run in ("4f", "5a")] == ["4f", "5a"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0,0.1,0.2\n1,0.3,0.4\n", "a table of numbers without a line of names"),
        ("0 0.1 0.2\n1 0.3 0.4\n", "a table of numbers without a line of names"),
        ("step,loss,grad_norm\n0,1,2\n", "grad_norm is one norm over all layers"),
        ("epoch,train_acc,lr\n1,2,3\n", "Its names are epoch, train_acc, lr."),
    ],
)
def test_a_table_that_tells_no_gradients_by_layer_is_refused_with_the_reason(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


def test_epochs_with_several_rows_are_counted_and_said() -> None:
    run = one("epoch,grad_norm/a\n0,1\n0,2\n1,3\n")
    assert (run.steps.tolist(), run.norms.tolist()) == ([0, 1, 2], [[1, 2, 3]])
    assert run.problems == ("log.txt: Epoch 0 has several records and no steps, so the records were counted.",)


def test_a_training_that_goes_back_to_an_epoch_is_as_written_later() -> None:
    run = one("epoch,grad_norm/a,loss\n0,1,5\n1,2,6\n2,3,7\n1,4,8\n2,5,9\n3,6,10\n")
    assert (run.steps.tolist(), run.norms.tolist()) == ([0, 1, 2, 3], [[1, 4, 5, 6]])
    assert run.loss is not None
    assert run.loss.tolist() == [5, 8, 9, 10]


def test_batches_that_start_anew_in_each_epoch_are_counted_on() -> None:
    rows = "".join(f"{epoch},{batch},{10 * epoch + batch}\n" for epoch in (1, 2) for batch in (0, 2, 4))
    run = one(f"epoch,batch,grad_norm/a\n{rows}")
    assert (run.steps.tolist(), run.norms.tolist()) == ([0, 2, 4, 6, 8, 10], [[10, 12, 14, 20, 22, 24]])
    assert "Steps start anew in each epoch" in run.problems[0]


@pytest.mark.parametrize(
    "lines",
    [
        ["fc1.weight: 0.1, fc2.weight: 0.2", "fc1.weight: 0.3, fc2.weight: 0.4"],
        ["Step 5", "fc1 0.1"],
        ["Epoch [1/10]", "Epoch [2/10]"],
        ["Gradient norms", "fc1 0.1"],
        ["loading data, please wait", "done, ready"],
    ],
)
def test_print_is_no_table(lines: list[str]) -> None:
    assert find_header(lines) is None


def test_a_header_of_ten_thousand_columns_is_read_with_pauses() -> None:
    header = ["step", *(f"grad_norm/{at}" for at in range(10_000))]
    assert sum(1 for _ in read_header(header, "x.csv")) > 20
    assert len(finished(read_header(header, "x.csv")).values) == 10_000
