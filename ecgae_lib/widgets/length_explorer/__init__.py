"""What a convolution reads and writes, sample by sample, and how long its output is."""

import numpy as np
import traitlets

from ecgae_lib.lengths import conv_length, conv_transpose_length
from ecgae_lib.widgets import stills
from ecgae_lib.widgets.base import Widget

MOST = 1000  # for every setting: the page stays quick, and the lecture's 225 are well inside
SETTINGS = ("length", "kernel_size", "stride", "padding", "dilation", "output_padding")
FROM_ZERO = ("padding", "output_padding")


class LengthExplorer(Widget):
    """Which input touches which output of a convolution, and the formula for the length.

    kind: "conv" or "conv_transpose".
    length, kernel_size, stride, padding, dilation, output_padding: as in torch; the last one is
    for "conv_transpose" only.  Whole numbers up to 1000.
    view: how "conv_transpose" is drawn, "scatter" (every input writes) or "zeros" (zeros are
    inserted, then an ordinary convolution).
    picked: ("output", n) or ("input", n), whose connections light up, or None.
    output_length: the length, None where torch refuses the settings; refused: why, or None.
    Settings that do not fit each other are shown with the reason.  Raises TraitError for values
    that fit nothing: no whole number, below 0 or 1, above 1000, a sample that is not there.
    """

    script = "length_explorer.js"
    alt = "Two rows of samples, and lines between each output and the inputs it is made of."

    kind = traitlets.Enum(("conv", "conv_transpose"), "conv").tag(sync=True)
    length = traitlets.Int(10).tag(sync=True)
    kernel_size = traitlets.Int(3).tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    dilation = traitlets.Int(1).tag(sync=True)
    output_padding = traitlets.Int(0).tag(sync=True)
    view = traitlets.Enum(("scatter", "zeros"), "scatter").tag(sync=True)
    picked = traitlets.Tuple(default_value=None, allow_none=True).tag(sync=True)

    @property
    def output_length(self):
        """The length of the output in samples, None where torch refuses the settings."""
        return self._outcome()[0]

    @property
    def refused(self):
        """Why torch refuses the settings, None where it does not."""
        return self._outcome()[1]

    def _settings(self):
        """Those that its kind of convolution has, by their names."""
        names = SETTINGS if self.kind == "conv_transpose" else SETTINGS[:-1]
        return {name: getattr(self, name) for name in names}

    def _outcome(self):
        """(length, None) or (None, reason)."""
        length_of = conv_transpose_length if self.kind == "conv_transpose" else conv_length
        try:
            return length_of(**self._settings()), None
        except ValueError as error:
            return None, str(error)

    def still(self):
        fig, [[ax]] = stills.figure(1)
        given, made, names = self.length, self.output_length or 0, ("output", "input")
        if self.kind == "conv":
            given, made, names = made, given, names[::-1]  # its input is the finer side
        starts = np.arange(given)[:, None] * self.stride - self.padding
        touched = starts + self.dilation * np.arange(self.kernel_size)
        title = f"{self.kind}: {self.length} → {self.output_length or 'refused'}"
        stills.draw_convolution(ax, touched.mean(axis=1), touched, made, names, title)
        return fig

    def summary(self):
        settings = ", ".join(f"{name}={value}" for name, value in self._settings().items())
        return f"{self.kind}, {settings} -> {self.output_length or 'refused'}"

    @traitlets.validate(*SETTINGS)
    def _within_limits(self, proposal):
        value, name = proposal.value, proposal.trait.name
        least = 0 if name in FROM_ZERO else 1
        if isinstance(value, bool) or not least <= value <= MOST:
            raise traitlets.TraitError(
                f"{name}={value}: expected a whole number, {least} to {MOST}"
            )
        return value

    @traitlets.validate("picked")
    def _existing_sample(self, proposal):
        match picked := proposal.value:
            case None:
                return None
            case ("input" | "output" as side, int(n)) if self._has(side, n):
                return (side, n)
        raise traitlets.TraitError(
            f"picked={picked}: expected None or a side and a sample on it, such as ('output', 0); "
            f"the input has {self.length} samples, the output {self.output_length or 0}"
        )

    def _has(self, side, n):
        """Whether there is such a sample."""
        count = self.length if side == "input" else self.output_length or 0
        return not isinstance(n, bool) and 0 <= n < count

    @traitlets.observe("kind", *SETTINGS)
    def _forget_what_is_gone(self, change):
        if self.picked and not self._has(*self.picked):
            self.picked = None
