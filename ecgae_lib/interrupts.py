"""Ctrl-C, the stop button of a notebook: it waits until the work under way is whole."""

import signal
import threading


class CtrlC:
    """Inside `with CtrlC() as ctrl_c:` the first Ctrl-C is noted, the second one interrupts.

    Only the main thread hears Ctrl-C, and none of a program started in the background: there
    nothing is changed.
    """

    noted = False

    def __enter__(self):
        self.usual = signal.getsignal(signal.SIGINT)
        in_main = threading.current_thread() is threading.main_thread()
        self.hears = in_main and callable(self.usual)
        if self.hears:
            signal.signal(signal.SIGINT, self.note)
        return self

    def note(self, *_):
        self.noted = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def between(self, steps):
        """The steps one by one.  Raises KeyboardInterrupt after the one in which Ctrl-C came."""
        for step in steps:
            yield step
            if self.noted:
                raise KeyboardInterrupt

    def __exit__(self, *_):
        if self.hears:
            signal.signal(signal.SIGINT, self.usual)
