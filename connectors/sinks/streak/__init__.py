"""Streak: boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes."""

from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.sink import Streak
from syncd.connector import Plugin

plugin = Plugin(StreakOptions, Streak)

__all__ = ["Streak", "StreakOptions", "plugin"]
