"""What the page of the length explorer computes and says, against torch."""

import re

import torch
import torch.nn.functional as F
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.node.run import in_node, needs_node
from tests.unit.test_length_explorer import (
    SMALL,
    evaluate,
    length_by_torch,
    matrix,
    names,
    reason,
)

pytestmark = needs_node
# Each example starts node: a failing one is not made smaller, which would take minutes.
IN_NODE = Phase.explicit, Phase.generate


@settings(max_examples=6, phases=IN_NODE)
@given(st.lists(SMALL, min_size=20, max_size=40))
def test_the_page_agrees_with_torch(cases):
    """Length, reason, every connection in both views, the counts, and the written formula."""
    for s, found in zip(cases, in_node("lengths.mjs", cases), strict=True):
        assert found["refusal"] == reason(s)
        assert (found["refusal"] is None) == (length_by_torch(s) is not None)
        if found["refusal"] is None:
            check_picture(s, found, matrix(s))
            values = [evaluate(part) for part in found["steps"].split(" = ")]
            assert values == [found["length"]] * (3 if s["kind"] == "conv" else 2)
            assert all(str(s[name]) in found["steps"] for name in names(s))


def check_picture(s, found, expected):
    assert found["length"] == expected.shape[1]
    assert found["counts"] == (expected > 0).sum(axis=0).tolist()
    for pairs, back in zip(found["connections"], found["backwards"], strict=True):
        found_by_torch = sorted(map(list, zip(*expected.nonzero(), strict=True)))
        assert sorted(pairs) == sorted(back) == found_by_torch
    if s["kind"] == "conv":
        assert found["unread"] == (expected.sum(axis=1) == 0).sum()
    check_cells(s, found)


def check_cells(s, found):
    """How many cells of each kind the rows have."""
    scatter, zeros = ({k: c.count(k) for k in set(c)} for c in found["cells"])
    p, full = s["padding"], dict(real=s["length"])
    if s["kind"] == "conv":
        assert scatter == zeros == full | ({"padding": 2 * p} if p else {})
        return
    assert scatter == dict(real=found["length"]) | ({"cropped": 2 * p} if p else {})
    reach, extra = s["dilation"] * (s["kernel_size"] - 1), s["output_padding"]
    around = max(reach - p, 0) + max(reach - p + extra, 0)
    if reach >= p:
        inserted = (s["length"] - 1) * (s["stride"] - 1)
        parts = dict(padding=around, inserted=inserted, **full)
        assert zeros == {kind: n for kind, n in parts.items() if n}
    assert sum(zeros.values()) - zeros.get("cropped", 0) == found["length"] + reach


def test_uneven_means_that_a_constant_becomes_a_ripple():
    """Against torch: a constant through a kernel of ones, away from the ends."""
    cases = [
        dict(kind="conv_transpose", length=60, kernel_size=k, stride=s, dilation=d, padding=0,
             output_padding=0)
        for k in range(1, 9) for s in range(1, 6) for d in range(1, 4)
    ]  # fmt: skip
    verdicts = set()
    for s, found in zip(cases, in_node("lengths.mjs", cases), strict=True):
        ones = torch.ones(1, 1, s["kernel_size"])
        z, stride = torch.ones(1, 1, 60), s["stride"]
        x = F.conv_transpose1d(z, ones, stride=stride, dilation=s["dilation"])[0, 0]
        middle = x[30 * stride : 31 * stride].long().tolist()
        assert found["perRemainder"] == middle
        words, uneven = found["judge"]
        assert uneven == (len(set(middle)) > 1) == words.startswith("uneven")
        assert re.findall(r"\d+", words) == [str(v) for v in sorted({min(middle), max(middle)})]
        verdicts.add(uneven)
    assert verdicts == {True, False}


def test_what_it_says_of_a_sample():
    conv = dict(kind="conv", length=10, kernel_size=3, stride=2, padding=1, dilation=1)
    back = dict(kind="conv_transpose", length=5, kernel_size=4, stride=3, padding=1, dilation=1)
    skip = dict(kind="conv", length=9, kernel_size=1, stride=4, padding=0, dilation=1)
    cases = [s | dict(output_padding=0) for s in (conv, back, skip)]
    found = in_node("lengths.mjs", cases)
    assert found[0]["tell"][0] == [
        "input 0 goes into output 0",
        "output 0 is made of inputs 0, 1 and 1 padding zero",
    ]
    assert found[1]["tell"] == [
        ["input 0 goes into outputs 0, 1, 2 and 1 cropped place", "output 0 is made of input 0"],
        ["input 0 goes into outputs 0, 1, 2",
         "output 0 is made of input 0 and 2 padding zeros and 1 inserted zero"],
    ]  # fmt: skip
    assert found[2]["judge"] == ["6 input samples are never read", True]


def test_the_lectures_decoder():
    s = dict(kind="conv_transpose", length=225, kernel_size=225, stride=225, padding=0)
    (found,) = in_node("lengths.mjs", [s | dict(dilation=1, output_padding=0)])
    assert found["length"] == 50_625 == length_by_torch(s | dict(dilation=1, output_padding=0))
    assert set(found["counts"]) == {1}
    assert found["steps"].endswith(" = 50625")
    assert found["tell"][0][0] == "input 0 goes into outputs 0, 1, 2, ..., 224"
