"""Search a spec's declared space with Optuna, scored out of time on outcomes older than those that judge a training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from segment.evaluation.holdout import fit_and_forecast, forecast_metrics, trial_splits
from segment.evaluation.search_space import Space, SpecValue, place_values, suggest, write_spec
from segment.exceptions import InstallationError, PolicyError
from segment.jobs.build.extract import extract
from segment.jobs.learn.training_data import read_search_data
from segment.lock import workspace_lock
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback, no_progress
from segment.tracking.registry import Tracking
from segment.tracking.runs import SEARCHES
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace


@dataclass(frozen=True)
class SearchResult(MessageResult):
    """What a search result."""

    run_id: str  # The run that keeps the table of trials
    trials: int  # trials, pruned: Tried in all; given up early.
    pruned: int
    as_it_stands: float  # as_it_stands, best: Score of the spec without its search, and of the best trial.
    best: float
    figures: dict[str, SpecValue] = field(default_factory=dict)  # What the best trial sets, by `section.key`
    out_of_time: bool = True  # Whether it was scored out of time; else on customers held out
    # The new spec; None where no trial beat the spec as it stands, or no file was asked for
    written: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say what came of it."""
        how = Message("results.search.out_of_time" if self.out_of_time else "results.search.held_out")
        score = Message("results.search.score", {"best": self.best, "as_it_stands": self.as_it_stands, "how": how})
        if self.best <= self.as_it_stands:
            return [Message("results.search.none", {"trials": self.trials, "score": score})]
        sets = [f"{name} = {value}" for name, value in self.figures.items()]
        written = Message("results.search.written" if self.written else "results.search.out", {"file": self.written})
        figures = {"trials": self.trials, "pruned": self.pruned, "score": score, "sets": sets, "written": written}
        return [Message("results.search.best", figures)]


def search(
    location: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    spec: ModelSpec,
    *,
    trials: int = 30,
    out: Path | None = None,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> SearchResult:
    """Try settings of a spec's space and write the best as a new spec.

    The score is skill of the mean absolute error against persistence plus Spearman, averaged over tests. A test learns
    from outcomes that had passed by its date. Its own outcomes had passed by the newest date with outcomes, so that
    none of the months which judge a training is ever seen.

    Parameters
    ----------
    location : str or None
        A folder of tables or a database URL; None: what was extracted as of this date.
    as_of : datetime.date
        As a training's.
    workspace : Workspace
        Where to build.
    policy : Policy
        Frozen figures.
    tracking : Tracking
        Gets one run with a table of all trials.
    spec : ModelSpec
        With a search space.
    trials : int
        How many to try.
    out : Path, optional
        New spec; its file name without ending is its name.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    SearchResult

    Raises
    ------
    PolicyError
        Where the spec declares no space.
    InstallationError
        Where Optuna is not installed.
    HistoryError
        Where nothing older than the newest outcomes is known.
    """
    space = spec.search.space
    if not space:
        raise PolicyError.of("errors.no_search_space", name=spec.name)
    optuna = _optuna()
    if location is not None:
        extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    with workspace_lock(workspace.root, "search"):
        source = SnapshotSource.read(workspace)
        data = read_search_data(as_of, source, policy, spec, n_jobs, progress)
    frame, target = data.frame, data.target
    tests, out_of_time = trial_splits(frame, spec.train.horizon_months)

    def score(tried: ModelSpec, report: Callable[[float, int], None] | None = None) -> float:
        scores: list[float] = []
        for number, (train, test) in enumerate(tests):
            measured = forecast_metrics(fit_and_forecast(frame, target, train, test, policy, tried))
            scores.append(measured["mae_skill"] + measured["spearman"])
            if report is not None:
                report(float(np.mean(scores)), number)
        return float(np.mean(scores))

    as_it_stands = score(spec)
    study = _study(optuna, spec, space, score, trials, progress)
    best = place_values(space, study.best_trial.params)
    beaten = study.best_value > as_it_stands
    result = SearchResult(
        run_id="", trials=len(study.trials),
        pruned=sum(trial.state == optuna.trial.TrialState.PRUNED for trial in study.trials),
        as_it_stands=as_it_stands, best=float(study.best_value),
        figures={f"{section}.{key}": value for (section, key), value in best.items()}, out_of_time=out_of_time,
        written=str(out) if out is not None and beaten else None,
    )  # fmt: skip
    if out is not None and beaten:
        write_spec(spec.changed(best, name=out.stem), out, _comments(result, as_of))
    run_id = _log(result, study, as_of, spec, policy, tracking)
    return replace(result, run_id=run_id)


def _comments(result: SearchResult, as_of: dt.date) -> list[str]:
    how = "out of time, before the newest outcomes" if result.out_of_time else "on customers held out"
    return [
        f"Found by `segment search` as of {as_of}: best of {result.trials} trials, scored {how}.",
        f"Skill of the error plus Spearman: {result.best:.4f}; the spec it began from: {result.as_it_stands:.4f}.",
    ]


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise InstallationError.of("errors.no_optuna") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _study(optuna: Any, spec: ModelSpec, space: Space, score: Any, trials: int, progress: ProgressCallback) -> Any:
    def objective(trial: Any) -> float:
        tried = spec.changed(place_values(space, suggest(trial, space)))

        def report(value: float, step: int) -> None:
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned

        return float(score(tried, report))

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=spec.train.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    study.optimize(
        objective, n_trials=trials, callbacks=[lambda study, _: progress("trials", len(study.trials), trials)]
    )
    return study


def _log(result: SearchResult, study: Any, as_of: dt.date, spec: ModelSpec, policy: Policy, tracking: Tracking) -> str:
    space = spec.search.space
    run_id = tracking.log_run(
        SEARCHES,
        f"search {as_of.isoformat()} {spec.name}",
        params={
            "as_of": as_of.isoformat(),
            "spec": spec.name,
            "spec_hash": spec.hash,
            "policy_hash": policy.hash,
            "space": ", ".join(".".join(place) for place in space),
            **result.figures,
        },
        metrics={
            "score": result.best,
            "score_as_it_stands": result.as_it_stands,
            "trials": result.trials,
            "pruned": result.pruned,
            "out_of_time": float(result.out_of_time),
        },
        texts={},
    )
    for trial in study.trials:
        tried = {f"{part}.{key}": str(value) for (part, key), value in place_values(space, trial.params).items()}
        figures = {} if trial.value is None else {"score": trial.value}
        params = {**tried, "state": trial.state.name.lower()}
        tracking.log_run(SEARCHES, f"trial {trial.number}", params, figures, {}, parent=run_id)
    return run_id
