"""A small process supervisor: what `manage.py up` uses to run the whole system on one machine.

`run` starts every child in a session of its own, so that Ctrl-C reaches only the supervisor, which then stops each
child once, with the signal that the child expects. The output of a child goes to `log_dir/<name>.log`
(`child_logs.py`).

A child that dies is started again: at once the first time, then after longer and longer waits. Once a child has run for
a minute, its earlier deaths no longer count. A child hangs when nothing has touched its file `run_dir/<name>.beat` for
too long; the supervisor kills it, and then starts it again. Only a vital child that dies many times in a row ends
everything, so that whatever started the supervisor notices. `run_dir/children.json` holds the state of every child.

If the supervisor itself is killed with SIGKILL, its children are killed too (`guard.py`). A process that a child moves
into another session is not watched.
"""

from bigledger.supervisor.child import Child, RestartPolicy
from bigledger.supervisor.loop import run
from bigledger.supervisor.ports import port_is_free

__all__ = ["Child", "RestartPolicy", "port_is_free", "run"]
