"""What texts can ask for: a module a family. A command reads or calls one service, and replies."""
