"""The model registry in MLflow: who is champion, who was, and who challenges."""

from __future__ import annotations

from typing import Any

from mlflow.exceptions import MlflowException

from segment.exceptions import ModelError
from segment.messages import Message
from segment.tracking.models import CHAMPION, HISTORY_TAG, REGISTERED_NAME, Models, RegisteredVersion
from segment.tracking.runs import is_away


class Tracking(Models):
    """Runs and the model registry of one workspace or server."""

    def rollback(self) -> str:
        """Bring the champion before this one back."""
        version = self.champion_before()
        self._client.set_registered_model_alias(REGISTERED_NAME, CHAMPION, version)
        self.end_history_with(version)
        return version

    def end_history_with(self, champion: str) -> None:
        """Forget what stands after the champion: it is none any more, or never was."""
        history = self._history()
        earlier = history[: history.index(champion) + 1] if champion in history else history
        self._client.set_registered_model_tag(REGISTERED_NAME, HISTORY_TAG, ",".join(earlier))

    def champion_before(self) -> str:
        """Say which version `rollback` would bring back."""
        history, champion = self._history() if self.find(CHAMPION) else [], self.find(CHAMPION)
        # a promotion that was killed leaves a history that goes beyond its champion
        place = history.index(champion.version) if champion and champion.version in history else 0
        if place < 1:
            raise ModelError.of("errors.no_earlier_champion")
        return history[place - 1]

    def load_other_than(self, champion: RegisteredVersion, alias: str) -> tuple[Any, RegisteredVersion | None]:
        """Load the model of an alias where it is another than the champion."""
        try:
            version = self.find(alias)
            if version is None or version.version == champion.version:
                return None, None
            return self.load_version(version.version)
        except (MlflowException, OSError) as fault:
            what = Message("errors.away") if is_away(fault) else Message("errors.answers_with_fault")
            raise ModelError.of("errors.tracking_away", alias=Message(f"errors.alias.{alias}"), what=what) from None
