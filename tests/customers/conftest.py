from tests.sales import shop

__all__ = ["shop"]
