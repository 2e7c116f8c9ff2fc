"""An object of each kind of resource of the sales side, customers among them."""

from tests.sales import one_of_each

__all__ = ["one_of_each"]
