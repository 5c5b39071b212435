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
        result = spvmodel.solve(model, case)
    except spvmodel.SolveError as error:
        raise Failure(f"Case {case}: {error}.") from error
    if case == "base":
        _refuse_no_debt(result)
    return result


def _refuse_no_debt(result: Result) -> None:
    """A base case whose constraints leave a loan nothing to lend is bad input; in another case it is an outcome."""
    from spvmodel.finance.debt.carried import LIMIT
    from spvmodel.report.format import chosen

    sized = result.model.about["sized"]
    assert isinstance(sized, dict)
    for loan, about in sized.items():
        size = result.scalar(f"sizing.{loan}.size")
        if size >= LIMIT:
            message = f"{about['place']}: nothing limits the size of {about['label']}: no constraint applies to it"
            raise Failure(f"{message}. Allowed: a constraint that does, such as amount or gearing.")
        if size > 0:
            continue
        names = result.model.lines[f"sizing.{loan}.binding"].names
        binding = chosen(result.scalar(f"sizing.{loan}.binding"), names)
        message = (
            f"{about['place']}: {about['label']} can lend nothing: the constraint '{binding}' leaves a capacity of"
        )
        capacity = result.scalar(f"sizing.{loan}.smallest")
        raise Failure(f"{message} {capacity:,.3f}. Allowed: constraints and income that leave debt.")
