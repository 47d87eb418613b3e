"""The pretended network of the demo: texts wait here for the browser phones."""
