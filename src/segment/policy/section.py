"""The base of every part of a policy: frozen, typed, and closed to unknown keys."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from segment.dates import FIRST_DAY, LAST_DAY, is_bank_day
from segment.exceptions import ValueFault


def _require_bank_day(day: dt.date) -> dt.date:
    if not is_bank_day(day):
        raise ValueFault.of("errors.policy.day_range", first_day=FIRST_DAY, last_day=LAST_DAY)
    return day


Share = Annotated[float, Field(ge=0.0, le=1.0)]
Rate = Annotated[float, Field(ge=-1.0, le=1.0)]
Money = Annotated[float, Field(ge=0.0)]
Day = Annotated[dt.date, AfterValidator(_require_bank_day)]


class Section(BaseModel):
    """One table of a policy file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=False)

    retired: ClassVar[frozenset[str]] = frozenset()
    """Keys that decide nothing any more: a policy or model of before is read, whatever it says under them."""

    @model_validator(mode="before")
    @classmethod
    def _without_retired(cls, given: Any) -> Any:
        kept = isinstance(given, dict) and cls.retired
        return {name: value for name, value in given.items() if name not in cls.retired} if kept else given
