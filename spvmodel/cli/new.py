"""``spvmodel new``: a commented deal file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from spvmodel.cli.errors import Failure


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(("lease", "construction", "term-loan")),
    default="construction",
    show_default=True,
    help="lease: a let building, its loan sized on the rent and repaid from it; construction: built, let and "
    "refinanced; term-loan: an operating asset with a loan that leaves a balloon.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("."), help="Folder to write to.")
def new(name: str, kind: str, out: Path) -> None:
    """Write NAME.yaml, a commented deal file that runs as it is, to replace figure by figure.

    An existing file is never overwritten.
    """
    import re

    from spvmodel import resources
    from spvmodel.cli.outputs import publish

    if not re.fullmatch("[a-z][a-z0-9_-]*", name):
        raise Failure(f"'{name}' is not a deal name. Allowed: lower-case letters, digits, _ and -, a letter first.")
    target = out / f"{name}.yaml"
    if target.exists():
        raise Failure(f"{target} exists already. Nothing was changed.")
    skeleton = (resources.templates() / "deal" / f"{kind}.yaml").read_text(encoding="utf-8")
    text = skeleton.replace("{{ name }}", name)

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    publish(out, {target.name: write})
    click.echo(f"Written: {target}. Try: spvmodel run {target}")
