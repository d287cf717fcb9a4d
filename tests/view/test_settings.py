"""The page's settings: read from texts, written as texts, and each wrong text with its whole sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figure.text import quote
from app.figure.wave import LABEL
from app.panels.recorded.arrangement import Origin
from app.view.settings import (
    FIELDS,
    HIDEABLE,
    LOOK_PARAMETERS,
    SHOWABLE,
    Settings,
    check_cursor_range,
    check_look_parameters,
    drop_misfits,
    parse_cursor,
    parse_gradients,
    parse_label,
    parse_layers,
    parse_names,
    parse_playing,
    parse_speed,
    parse_step,
    read_address,
    write_address,
    write_gradients,
    write_layers,
    write_names,
    write_playing,
    write_query,
    write_speed,
)

MAGNITUDE = "must be a number of at least 0, NaN, Infinity or none"
MILLISECONDS = "must be a number of milliseconds from 0 to 2000"
PARSERS = [field.parse for field in FIELDS]

architectures = st.lists(st.integers(1, 1024), min_size=1, max_size=256).map(tuple)
magnitudes = st.none() | st.floats(min_value=0.0)
speeds = st.floats(80.0, 2000.0)
some_names = st.text(min_size=1, max_size=200).filter(str.isprintable) | st.text(" ~,a&", min_size=1)
labels = st.text(min_size=1, max_size=24).filter(str.isprintable) | st.sampled_from([LABEL, "RMS ∂L/∂a", "a+b&c=%20#"])


def refusal(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError, match=r"^[A-Z][a-z]+: ") as refused:
        parse(text)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["3-4-4-2", "3,4,4,2", "3 4 4 2", " 3 - 4 , 4;2 ", "3–4—4-2", "3, 4, 4, 2\n", "3\t4  4 2", "03-004-4-2"],
)
def test_an_architecture_has_dashes_commas_or_spaces(text: str) -> None:
    assert parse_layers(text) == (3, 4, 4, 2)


def test_an_architecture_may_be_as_large_as_the_component_takes() -> None:
    assert parse_layers("1024-" * 255 + "1024") == (1024,) * 256


@pytest.mark.parametrize(
    ("text", "layer", "got"),
    [
        ("3-4-4.5", 3, '"4.5"'),
        ("", 1, '""'),
        ("   ", 1, '""'),
        ("-3", 1, '""'),
        ("3--4", 2, '""'),
        ("3-4-", 3, '""'),
        ("3-0", 2, '"0"'),
        ("3-1025", 2, '"1025"'),
        ("three", 1, '"three"'),
        ("3x4", 1, '"3x4"'),
        ("3-1e2", 2, '"1e2"'),
        ("3-٤", 2, '"٤"'),
        ("3-+4", 2, '"+4"'),
        ("3-<b>4</b>", 2, '"<b>4</b>"'),
        ("9" * 60, 1, '"' + "9" * 39 + '…"'),
    ],
)
def test_a_wrong_architecture_is_refused_by_layer_rule_and_value(text: str, layer: int, got: str) -> None:
    expected = f"Architecture: layer {layer} must be a whole number from 1 to 1024, got {got}"
    assert refusal(parse_layers, text) == expected


def test_too_many_layers_are_refused() -> None:
    assert refusal(parse_layers, "1-" * 256 + "1") == "Architecture: must have 1 to 256 layers, got 257"


@pytest.mark.parametrize(
    ("text", "gradients"),
    [
        ("0.0008, 0.012, 0.18, 1", (0.0008, 0.012, 0.18, 1.0)),
        ("1 2;3, 4", (1.0, 2.0, 3.0, 4.0)),
        ("0.5,0.25, 1", (0.5, 0.25, 1.0)),
        ("0,5,0,25", (0.0, 5.0, 0.0, 25.0)),
        ("1e-7,Infinity,∞,inf", (1e-7, math.inf, math.inf, math.inf)),
        ("0", (0.0,)),
        ("none, 1", (None, 1.0)),
        ("None NONE 2", (None, None, 2.0)),
    ],
)
def test_gradients_have_commas_semicolons_or_spaces(text: str, gradients: tuple[float | None, ...]) -> None:
    assert parse_gradients(text) == gradients


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_no_gradients_mean_the_synthesised_series(text: str) -> None:
    assert parse_gradients(text) is None


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("0,5 0,25", "0,5"),
        ("0,5; 0,25", "0,5"),
        ("0,5, 0,25", "0,5"),
        ("1 2 3,4", "3,4"),
        ("none 1,5e-7", "1,5e-7"),
        ("2,5\n1", "2,5"),
    ],
)
def test_numbers_that_may_have_decimal_commas_are_refused(text: str, doubtful: str) -> None:
    rule = "must have decimal points, and one kind of separator between the numbers"
    expected = f'Gradients: {rule}, got "{doubtful}", which may be one number or two'
    assert refusal(parse_gradients, text) == expected


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=9))
def test_written_gradients_are_never_doubtful(gradients: list[float]) -> None:
    written = write_gradients(tuple(gradients))
    for text in (written, written.replace(",", ", "), written.replace(",", " ; ")):
        assert parse_gradients(text) == tuple(gradients)


@pytest.mark.parametrize("text", ["NaN", "nan"])
def test_a_gradient_may_be_nan(text: str) -> None:
    assert str(parse_gradients(f"1,{text}")) == "(1.0, nan)"


@pytest.mark.parametrize(
    ("text", "layer", "got"),
    [
        ("1,-0.5", 2, '"-0.5"'),
        ("1,,2", 2, '""'),
        ("1,2,", 3, '""'),
        ("big", 1, '"big"'),
        ("1,-∞", 2, '"-∞"'),
        ("1,<i>", 2, '"<i>"'),
        ("1,null", 2, '"null"'),
    ],
)
def test_a_wrong_gradient_is_refused_by_layer_rule_and_value(text: str, layer: int, got: str) -> None:
    assert refusal(parse_gradients, text) == f"Gradients: the magnitude of layer {layer} {MAGNITUDE}, got {got}"


@pytest.mark.parametrize(
    ("text", "speed"),
    [("500", 500.0), ("80", 80.0), ("79", 80.0), ("0", 80.0), (" 250.5 ", 250.5), ("2e3", 2000.0)],
)
def test_a_speed_is_a_number_of_milliseconds_floored_at_80(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "fast", "-1", "2000.1", "NaN", "Infinity", "500ms"])
def test_a_wrong_speed_is_refused_by_rule_and_value(text: str) -> None:
    assert refusal(parse_speed, text) == f'Playback: {MILLISECONDS}, got "{text}"'


@pytest.mark.parametrize(("text", "cursor"), [("0", 0), (" 12 ", 12), ("\x1c7", 7), ("007", 7), ("-4", -4)])
def test_a_cursor_is_a_whole_number(text: str, cursor: int) -> None:
    assert parse_cursor(text) == cursor


@pytest.mark.parametrize("text", ["", "--1", "-", "1.5", "one", "٣", "1" * 10])
def test_a_wrong_cursor_is_refused_by_rule_and_value(text: str) -> None:
    assert refusal(parse_cursor, text) == f'Layer: must be a whole number, 0 at the loss side, got "{text}"'


def test_a_forward_pass_has_cursors_below_0() -> None:
    for cursor in range(-4, 4):
        check_cursor_range(cursor, 4, forward=True)
    with pytest.raises(ValueError, match=r'^Layer: must be a whole number from -4 to 3 here, got "-5"$'):
        check_cursor_range(-5, 4, forward=True)


@pytest.mark.parametrize(
    ("text", "playing"),
    [("1", True), ("true", True), ("0", False), ("false", False), (" True ", True), ("FALSE", False)],
)
def test_playing_is_1_or_0(text: str, playing: bool) -> None:
    assert parse_playing(text) is playing


@pytest.mark.parametrize("text", ["", "yes", "2", "-"])
def test_a_wrong_playing_is_refused_by_rule_and_value(text: str) -> None:
    assert refusal(parse_playing, text) == f'Playing: must be 1 or 0, got "{text}"'


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("4.5", '"4.5"'), ("x" * 40, f'"{"x" * 40}"'), ("x" * 41, f'"{"x" * 39}…"'), ("a\n\u202eb", r'"a\n\u202eb"')],
)
def test_a_message_repeats_at_most_40_characters(text: str, quoted: str) -> None:
    assert quote(text) == quoted


digits = st.text(alphabet=" 0123456789.,;-–+einfaNI∞_\x1c\t\n", max_size=30)


@pytest.mark.parametrize("parse", PARSERS, ids=[field.name for field in FIELDS])
@given(text=st.one_of(st.text(), digits))
def test_any_text_is_read_or_refused_in_the_parsers_own_words(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except ValueError as refused:
        fields = ("Architecture: ", "Gradients: ", "Names: ", "Label: ", "Playback: ", "Layer: ", "Playing: ")
        assert str(refused).startswith(fields)  # noqa: PT017  # because most texts are refused and some are not


@given(architectures)
def test_parse_layers_reads_the_text_of_write_layers(layers: tuple[int, ...]) -> None:
    assert parse_layers(write_layers(layers)) == layers


@given(st.one_of(st.none(), st.lists(magnitudes, min_size=1, max_size=256).map(tuple)))
def test_parse_gradients_reads_the_text_of_write_gradients(gradients: tuple[float | None, ...] | None) -> None:
    assert parse_gradients(write_gradients(gradients)) == gradients


def test_nan_survives_writing_and_reading() -> None:
    assert write_gradients((math.nan, math.inf, 1.0)) == "NaN,Infinity,1"
    assert write_gradients(parse_gradients("NaN,Infinity,1")) == "NaN,Infinity,1"


def test_a_large_number_survives_an_address() -> None:
    text = write_gradients((1e16, 1.5e300))
    assert text == "1e16,1.5e300"
    assert parse_gradients(unquote_plus(text)) == (1e16, 1.5e300)


@given(st.none() | st.lists(some_names, min_size=1, max_size=256).map(tuple))
def test_parse_names_reads_the_text_of_write_names(names: tuple[str, ...] | None) -> None:
    assert parse_names(write_names(names)) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fc1,fc2", ("fc1", "fc2")),
        (" fc1 , layer 2 ", ("fc1", "layer 2")),
        ("a~,b,c", ("a,b", "c")),
        ("~~a,b~~~,", ("~a", "b~,")),
        ("~ a,b~ ", (" a", "b ")),
        ("a~", ("a~",)),
        ("<b>,&amp;,الطبقة", ("<b>", "&amp;", "الطبقة")),
        ("", None),
        ("  ", None),
    ],
)
def test_names_have_commas_between_them_and_a_tilde_before_their_own(text: str, names: tuple[str, ...] | None) -> None:
    assert parse_names(text) == names


def test_only_characters_that_would_be_misread_have_a_tilde() -> None:
    assert write_names(("layer 1.fc", "a,b", "~", " a  b ")) == "layer 1.fc,a~,b,~~,~ a  b~ "


@pytest.mark.parametrize(
    ("text", "layer", "got"),
    [
        ("a,,b", 2, '""'),
        ("a,b,", 3, '""'),
        (",", 1, '""'),
        ("a,b\nc", 2, '"b\\nc"'),
        ("a,\u202eb", 2, '"\\u202eb"'),
        ("x" * 201, 1, '"' + "x" * 39 + '…"'),
    ],
)
def test_a_wrong_name_is_refused_by_layer_rule_and_value(text: str, layer: int, got: str) -> None:
    expected = f"Names: the name of layer {layer} must be a string of 1 to 200 printable characters, got {got}"
    assert refusal(parse_names, text) == expected


@pytest.mark.parametrize(("text", "got"), [("", '""'), ("x" * 25, '"' + "x" * 25 + '"'), ("a\tb", '"a\\tb"')])
def test_a_wrong_label_is_refused_by_rule_and_value(text: str, got: str) -> None:
    assert refusal(parse_label, text) == f"Label: must be a string of 1 to 24 printable characters, got {got}"


@given(speeds)
def test_parse_speed_reads_the_text_of_write_speed(speed: float) -> None:
    assert parse_speed(write_speed(speed)) == speed


@pytest.mark.parametrize("playing", [True, False])
def test_parse_playing_reads_the_text_of_write_playing(playing: bool) -> None:
    assert parse_playing(write_playing(playing)) is playing


@pytest.mark.parametrize(("speed", "text"), [(500.0, "500"), (80.0, "80"), (250.5, "250.5")])
def test_a_whole_number_is_written_without_decimals(speed: float, text: str) -> None:
    assert write_speed(speed) == text


# The address


@st.composite
def views(draw: st.DrawFn, playing: bool) -> Settings:
    """Any settings that the page can have."""
    layers = draw(architectures)
    depth = len(layers)
    gradients = draw(st.one_of(st.none(), st.lists(magnitudes, min_size=depth, max_size=depth).map(tuple)))
    label = LABEL if gradients is None else draw(labels)
    named = draw(st.none() | st.lists(some_names, min_size=depth, max_size=depth).map(tuple))
    return Settings(layers, gradients, draw(speeds), draw(st.integers(0, depth - 1)), playing, names=named, label=label)


def test_the_table_has_the_defaults_of_the_settings() -> None:
    assert Settings(**{field.name: field.default for field in FIELDS}) == Settings()


def test_an_address_without_parameters_gives_the_defaults() -> None:
    assert read_address({}) == (Settings((3, 4, 4, 2), None, 500.0, 0, True), [])


def test_the_defaults_write_no_parameters() -> None:
    assert write_address(Settings()) == []


def test_an_address_has_the_changed_settings_in_the_tables_order() -> None:
    settings = Settings((2, 2, 2), (None, 0.0008, math.inf), 250.0, 1, False, names=("a", "b,c", "d"), label="L2 <∂W>")
    assert write_address(settings) == [
        ("layers", "2-2-2"),
        ("gradients", "none,0.0008,Infinity"),
        ("names", "a,b~,c,d"),
        ("label", "L2 <∂W>"),
        ("speed", "250"),
        ("layer", "1"),
        ("playing", "0"),
    ]


@given(views(playing=False) | views(playing=True))
def test_an_address_is_ascii_without_special_characters_and_reads_as_written(settings: Settings) -> None:
    pairs = write_address(settings)
    query = write_query(pairs)
    assert re.fullmatch(r"[A-Za-z0-9\-._~,:/@=&%]*", query)
    assert parse_qsl(query, keep_blank_values=True) == pairs


def test_an_address_stays_readable() -> None:
    assert write_query([("gradients", "none,1e-7"), ("names", "h.0/ln:1,a~,b"), ("label", "L2 |∂W|&")]) == (
        "gradients=none,1e-7&names=h.0/ln:1,a~,b&label=L2%20%7C%E2%88%82W%7C%26"
    )


def test_computed_magnitudes_have_their_own_label_and_no_names() -> None:
    settings = Settings(gradients=(1.0, 2.0, 3.0, 4.0), source="computed", names=("a", "b", "c", "d"), label="L2")
    assert write_address(settings, [("source", "computed")]) == [("source", "computed")]


def test_names_and_label_are_dropped_with_their_layers_and_magnitudes() -> None:
    told: dict[str, Any] = {"names": ("a", "b"), "label": "L2"}
    assert drop_misfits(Settings((3, 2), (1.0, 2.0), **told)) == Settings((3, 2), (1.0, 2.0), **told)
    assert drop_misfits(Settings((3, 2), **told)) == Settings((3, 2), names=("a", "b"))
    assert drop_misfits(Settings((3, 4, 2), **told)) == Settings((3, 4, 2))
    assert drop_misfits(Settings((3, 4, 2), (1.0, 2.0, 3.0), **told)) == Settings(
        (3, 4, 2), (1.0, 2.0, 3.0), label="L2"
    )


@given(views(playing=False))
def test_a_paused_view_comes_back_from_its_address(settings: Settings) -> None:
    assert read_address(dict(write_address(settings))) == (settings, [])


@given(views(playing=True))
def test_a_playing_view_comes_back_from_its_address_at_the_loss_side(settings: Settings) -> None:
    again, wrong = read_address(dict(write_address(settings)))
    assert (again, wrong) == (replace(settings, layer=0), [])


def test_an_unknown_parameter_is_left_alone() -> None:
    assert read_address({"utm_source": "mail"}) == (Settings(), [])


CAME_FROM = "This came from “{}” in the address; the default stands in: {}."


@pytest.mark.parametrize(
    ("parameters", "name", "default", "sentence"),
    [
        (
            {"layers": "3-4-4.5"},
            "layers",
            "3-4-4-2",
            'Architecture: layer 3 must be a whole number from 1 to 1024, got "4.5"',
        ),
        (
            {"gradients": "1,2,3,x"},
            "gradients",
            "the synthesised series",
            f'Gradients: the magnitude of layer 4 {MAGNITUDE}, got "x"',
        ),
        (
            {"gradients": "1,2"},
            "gradients",
            "the synthesised series",
            "Gradients: needs one magnitude a layer, 4 for 4 layers, got 2",
        ),
        (
            {"names": "a,b"},
            "names",
            "input, hidden 1 … output",
            "Names: needs one name a layer, 4 for 4 layers, got 2",
        ),
        (
            {"names": "a,b,c,"},
            "names",
            "input, hidden 1 … output",
            'Names: the name of layer 4 must be a string of 1 to 200 printable characters, got ""',
        ),
        (
            {"label": "L2"},
            "label",
            "|∂L|",
            'Label: must come with gradients, for the synthesised series is |∂L|, got "L2"',
        ),
        ({"speed": "fast"}, "speed", "500", f'Playback: {MILLISECONDS}, got "fast"'),
        ({"layer": "x"}, "layer", "0", 'Layer: must be a whole number, 0 at the loss side, got "x"'),
        ({"layer": "-1"}, "layer", "0", 'Layer: must be a whole number from 0 to 3 here, got "-1"'),
        ({"layer": "4"}, "layer", "0", 'Layer: must be a whole number from 0 to 3 here, got "4"'),
        ({"playing": "maybe"}, "playing", "1", 'Playing: must be 1 or 0, got "maybe"'),
    ],
)
def test_a_wrong_parameter_is_named_and_its_default_stands_in(
    parameters: dict[str, str], name: str, default: str, sentence: str
) -> None:
    assert read_address(parameters) == (Settings(), [f"{sentence}. {CAME_FROM.format(name, default)}"])


def test_with_a_computed_forward_pass_the_layer_may_be_below_0() -> None:
    asked = {"source": "computed", "forward": "1"}
    assert read_address({**asked, "layer": "-4"}) == (Settings(layer=-4, source="computed"), [])
    settings, (sentence,) = read_address({**asked, "layer": "-5"})
    assert settings.layer == 0
    assert sentence.startswith('Layer: must be a whole number from -4 to 3 here, got "-5". ')
    assert len(read_address({"forward": "1", "layer": "-4"})[1]) == 1


def test_a_wrong_parameter_does_not_harm_the_others() -> None:
    settings, wrong = read_address({"layers": "nonsense", "speed": "250", "playing": "0", "layer": "2"})
    assert settings == Settings(speed=250.0, layer=2, playing=False)
    assert len(wrong) == 1


@given(st.dictionaries(st.sampled_from([field.name for field in FIELDS]), st.one_of(st.text(), digits)))
def test_any_address_gives_a_view_that_can_be_drawn(parameters: dict[str, str]) -> None:
    settings, _ = read_address(parameters)
    assert 0 <= settings.layer < len(settings.layers)
    assert settings.gradients is None or len(settings.gradients) == len(settings.layers)
    assert str(drop_misfits(settings)) == str(settings)
    assert 80.0 <= settings.speed <= 2000.0


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("embed", ("1", "true", "0", " False ")),
        ("hide", ("", "title", "title,transport", " status , slider,,", *HIDEABLE)),
        ("show", ("", "bars", "bars,verdict", " figure , transport,,", *SHOWABLE)),
        ("theme", ("system", "light", "dark")),
    ],
)
def test_the_address_may_ask_for_a_look_of_the_page(name: str, texts: tuple[str, ...]) -> None:
    assert [check_look_parameters({name: text}) for text in texts] == [[]] * len(texts)


def test_a_missing_parameter_is_not_wrong() -> None:
    assert check_look_parameters({}) == []


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "embed",
            "yes",
            'Embed: must be 1 or 0, got "yes". This came from “embed” in the address; it changes nothing.',
        ),
        ("embed", "", 'Embed: must be 1 or 0, got "". This came from “embed” in the address; it changes nothing.'),
        (
            "theme",
            "Dark",
            'Theme: must be system, light or dark, got "Dark". '
            "This came from “theme” in the address; it changes nothing.",
        ),
        (
            "hide",
            "title,figure",
            "Hide: each must be title, readout, direction, counts, transport, slider, link or status, "
            'got "figure". This came from “hide” in the address; the others are hidden.',
        ),
        (
            "show",
            "bars,tags",
            'Show: each must be figure, transport, bars or verdict, got "tags". '
            "This came from “show” in the address; it is left out.",
        ),
    ],
)
def test_a_wrong_look_of_the_page_is_named(name: str, text: str, sentence: str) -> None:
    assert check_look_parameters({name: text}) == [sentence]


@given(st.dictionaries(st.sampled_from(LOOK_PARAMETERS), st.text()))
def test_any_look_in_the_address_gives_at_most_a_sentence(parameters: dict[str, str]) -> None:
    wrong = check_look_parameters(parameters)
    assert len(wrong) <= len(parameters)
    assert all(sentence.endswith(".") for sentence in wrong)


def test_nothing_from_a_local_file_goes_into_an_address() -> None:
    shown: dict[str, Any] = {"gradients": (0.5, 1.0), "names": ("fc1", "fc2"), "label": "L2 ∂L/∂W"}
    view = Settings(layers=(1, 1), **shown, speed=200.0, source="recorded")
    assert write_address(view, Origin("", 120.0).address()) == [("speed", "200")]
    origin = Origin("https://host.example/run.jsonl", 0.5)
    pairs = [("speed", "200"), ("source", "recorded"), ("run", "https://host.example/run.jsonl"), ("step", "0.5")]
    assert write_address(view, origin.address()) == pairs


def test_the_layer_of_a_recorded_run_is_not_checked_before_it_is_read() -> None:
    assert read_address({"run": "run.jsonl", "layer": "30"})[1] == []
    assert read_address({"layer": "30"})[1] != []


@pytest.mark.parametrize(("text", "step"), [("120", 120.0), ("0.5", 0.5), ("-1", -1.0)])
def test_a_step_is_a_number(text: str, step: float) -> None:
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf"])
def test_a_wrong_step_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^Step: must be a number, got "{text}"$'):
        parse_step(text)
