"""The socket side: a WebSocket at `/v1` on its own port. Serves authentication and heartbeat; what is
pushed to the callers who got in comes with the numbered event log.
"""
