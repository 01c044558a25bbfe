"""Departures: the chances that a customer leaves or banks mainly elsewhere, and who is warned of it."""

from segment.departures.departure_forecast import LEAVING, MOVING, DepartureForecast
from segment.departures.employer_alarm import EmployerAlarm, employer_alarms, pay_groups
from segment.departures.hazards import DepartureHazards
from segment.departures.landmarks import Landmarks, read_landmarks

__all__ = [
    "LEAVING",
    "MOVING",
    "DepartureForecast",
    "DepartureHazards",
    "EmployerAlarm",
    "Landmarks",
    "employer_alarms",
    "pay_groups",
    "read_landmarks",
]
