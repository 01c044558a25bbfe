"""The base of every part of a policy: frozen, typed, and closed to unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Rate = Annotated[float, Field(ge=-1.0, le=1.0)]
Money = Annotated[float, Field(ge=0.0)]


class Section(BaseModel):
    """One table of a policy file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=False)
