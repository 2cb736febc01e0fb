"""The report page in a cell of a notebook."""

import html
import tempfile

from . import _core


def page(save):
    """The report of what `save(folder)` writes."""
    with tempfile.TemporaryDirectory(prefix="blisim-") as folder:
        save(folder)
        return _core.report_page(folder)


def frame(page_text, height=620):
    """In a frame of its own, so that neither page disturbs the other."""
    return (f'<iframe srcdoc="{html.escape(page_text, quote=True)}" sandbox="allow-scripts" '
            f'style="width:100%;height:{height}px;border:0"></iframe>')
