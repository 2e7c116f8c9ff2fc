from tests.sales import at, shop

__all__ = ["at", "shop"]
