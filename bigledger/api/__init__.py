"""The conventions that all endpoints share: exact JSON, the error envelope, the request's tenant, lists, ids and
natural keys, input shapes. It imports no business app.
"""
