"""What a WSGI server loads: ``granian --interface wsgi wsgi:app``."""

import os

from trader_platform.app import create_app
from trader_platform.core import memory
from trader_platform.core.config import Settings

app = create_app(Settings.from_env(os.environ))
memory.freeze()
