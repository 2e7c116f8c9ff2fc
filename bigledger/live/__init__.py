"""The sockets: a WebSocket at `/v1` on its own port, which serves authentication and heartbeats.

Messages that are pushed to authenticated callers come with the numbered event log.
"""
