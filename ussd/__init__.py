"""The menus that traders dial: gateways, the pure engine, the screens and the simulator."""
