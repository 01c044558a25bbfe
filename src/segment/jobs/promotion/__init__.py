"""From challenger to champion: gates, a record, the way back, and the challenger in the champion's shadow."""

from segment.jobs.promotion.judge import judge_version
from segment.jobs.promotion.promote import Promoted, promote, roll_back
from segment.jobs.promotion.shadow import shadow_of

__all__ = ["Promoted", "judge_version", "promote", "roll_back", "shadow_of"]
