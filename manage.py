#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from bigledger.private import keep_files_private


def main() -> None:
    keep_files_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
