"""What a WSGI server loads: ``granian --interface wsgi wsgi:app``."""

import gc
import os

from trader_platform.app import create_app
from trader_platform.core.config import Settings

app = create_app(Settings.from_env(os.environ))

# What was made so far lives as long as the process: no collection need look at it again.
gc.collect()
gc.freeze()
