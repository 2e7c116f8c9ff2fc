"""A throw-away app: parts of a business that costs are counted for. It is in nobody's INSTALLED_APPS but a test's.

`tests/architecture/test_an_app_plugs_in.py` installs it, and so proves that nothing else has to be told of an app.
"""
