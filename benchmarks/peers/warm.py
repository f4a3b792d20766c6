"""Stock WeasyPrint in a process that stays warm: a page's path on a line, answered by the processor seconds used so far."""

import logging
import sys
import time
import warnings
from pathlib import Path

import weasyprint

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
for line in sys.stdin:
    page = Path(line.strip())
    weasyprint.HTML(string=page.read_text("utf-8")).write_pdf(page.with_suffix(".pdf"), pdf_variant="pdf/a-3a")
    print(time.process_time(), flush=True)
