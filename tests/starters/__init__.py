"""A scenario for every ready-made app (APP-09). `stage.py` says how to write one."""
