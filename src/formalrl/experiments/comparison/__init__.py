"""Several runs side by side: which settings differ, what came out with which interval, one page. Never torch."""
