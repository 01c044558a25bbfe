"""The trial of service: drawn once and kept, served within limits, released to branches, measured."""

from segment.jobs.service_trial.draw import Drawn, draw_trial
from segment.jobs.service_trial.measure import measure_trial
from segment.jobs.service_trial.release import release_served
from segment.jobs.service_trial.report import TrialReport, report_trial
from segment.jobs.service_trial.served import served_tiers

__all__ = [
    "Drawn",
    "TrialReport",
    "draw_trial",
    "measure_trial",
    "release_served",
    "report_trial",
    "served_tiers",
]
