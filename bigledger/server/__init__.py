"""What stands between the network and Django: bodies, threads, connections, proxies, security headers.

granian takes the connections and parses HTTP. `bridge.py` gives a thread to a request only when its body is whole,
so that no client's network keeps a thread waiting (docs/adr/0065).
"""
