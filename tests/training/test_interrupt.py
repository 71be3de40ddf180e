"""The first Ctrl-C is noted, the second one raises."""

import os
import signal

import pytest

from formalrl.training.interrupt import graceful_interrupt


def test_the_first_signal_is_noted_and_the_second_raises():
    before = signal.getsignal(signal.SIGINT)
    with graceful_interrupt() as interrupt:
        assert not interrupt.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
