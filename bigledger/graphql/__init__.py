"""GraphQL: types from bodies, inputs from shapes, connections from listings, fields from what apps declare.

The library (Graphene on graphql-core) is known to this package alone; apps speak `bigledger.graphql.declared`.
"""
