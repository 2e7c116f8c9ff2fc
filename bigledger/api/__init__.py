"""The manners of the API, the same for each resource: exact JSON, the error envelope, the request's tenant,
lists, ids and natural keys, input shapes. Knows no business.
"""
