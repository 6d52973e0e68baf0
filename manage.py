#!/usr/bin/env python
"""Runs Sika's commands. SIKA_ENV chooses the settings: local (default), production or test."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{os.environ.get('SIKA_ENV', 'local')}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
