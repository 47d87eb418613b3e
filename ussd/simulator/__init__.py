"""Phones without a network: the browser phone, the landing page and the terminal phone.

Speaks to the service over HTTP exactly as a gateway does, and knows nothing of what is inside it.
"""

from ussd.simulator.blueprint import DemoPerson, SimulatorView, simulator_blueprint

__all__ = ["DemoPerson", "SimulatorView", "simulator_blueprint"]
