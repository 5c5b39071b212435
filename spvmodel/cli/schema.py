"""``spvmodel schema``: the JSON Schema of deal files, for editors."""

from __future__ import annotations

import click

from spvmodel.cli.screen import print_json


@click.command()
def schema() -> None:
    """Print the JSON Schema of deal files."""
    from spvmodel.deal import json_schema

    print_json(json_schema())
