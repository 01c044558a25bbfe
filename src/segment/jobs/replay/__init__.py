"""What a changed policy would have done, and who approved it."""

from segment.jobs.replay.approval import approve_policy, is_approved
from segment.jobs.replay.run import Replay, replay

__all__ = ["Replay", "approve_policy", "is_approved", "replay"]
