"""The model registry in MLflow: who is champion, who was, and who challenges."""

from __future__ import annotations

from typing import Any

from mlflow.exceptions import MlflowException

from segment.exceptions import ModelError
from segment.tracking.models import CHAMPION, HISTORY_TAG, REGISTERED_NAME, Models, RegisteredVersion
from segment.tracking.runs import is_away


class Tracking(Models):
    """Runs and the model registry of one workspace or server.

    Parameters
    ----------
    workspace : Path
        Its `mlflow.db` and `mlartifacts` are used where no `uri` is given.
    uri : str, optional
        A tracking server or database.
    """

    def rollback(self) -> str:
        """Bring the champion before this one back.

        Returns
        -------
        str
            Its version.

        Raises
        ------
        ModelError
            Where there was none before.
        """
        version = self.champion_before()
        history = self._history()
        self._client.set_registered_model_alias(REGISTERED_NAME, CHAMPION, version)
        kept = history[: history.index(version) + 1]
        self._client.set_registered_model_tag(REGISTERED_NAME, HISTORY_TAG, ",".join(kept))
        return version

    def champion_before(self) -> str:
        """Say which version `rollback` would bring back.

        Returns
        -------
        str

        Raises
        ------
        ModelError
            Where there was none before.
        """
        history, champion = self._history() if self.find(CHAMPION) else [], self.find(CHAMPION)
        # a promotion that was killed leaves a history that goes beyond its champion
        place = history.index(champion.version) if champion and champion.version in history else 0
        if place < 1:
            raise ModelError.with_hint("There must be an earlier champion. There is none.", "promote a version instead")
        return history[place - 1]

    def load_other_than(self, known: RegisteredVersion, alias: str) -> tuple[Any, RegisteredVersion | None]:
        """Load the model of an alias where it is another than one that is known.

        Parameters
        ----------
        known : RegisteredVersion
            The other one.
        alias : str
            ``"champion"`` or ``"challenger"``.

        Returns
        -------
        model, RegisteredVersion
            None and None where the alias points to the known one, or to none.

        Raises
        ------
        ModelError
            Where the server is away or answers with a fault, or the file is not the one registered.
        """
        try:
            found = self.find(alias)
            return (None, None) if found is None or found.version == known.version else self.load_version(found.version)
        except (MlflowException, OSError) as fault:
            what = "is away" if is_away(fault) else "answers with a fault"
            raise ModelError.with_hint(
                f"The tracking server must give the {alias} for it to be loaded. It {what}.", "try again later"
            ) from None
