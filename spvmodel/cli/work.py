"""From the words of a user to models and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spvmodel.cli.errors import Failure

if TYPE_CHECKING:
    from spvmodel.engine import Result
    from spvmodel.lines import Model


def model_of(deal: str) -> Model:
    """The model of a shipped deal or a deal file."""
    import spvmodel

    return spvmodel.build(spvmodel.load(deal))


def solved(model: Model, case: str) -> Result:
    """A case of a model, solved. An unknown case or one that cannot be computed ends the command with status 2."""
    import spvmodel

    if case not in model.cases:
        from difflib import get_close_matches

        hint = "".join(f" Did you mean {name!r}?" for name in get_close_matches(case, model.cases, 1))
        raise Failure(f"There is no case {case!r}. Allowed: {', '.join(model.cases)}.{hint}")
    try:
        return spvmodel.solve(model, case)
    except spvmodel.SolveError as error:
        raise Failure(f"Case {case}: {error}.") from error
