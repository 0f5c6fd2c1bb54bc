"""Microsoft Dynamics 365 Sales, on Dataverse: leads or contacts with an owner, tasks and notes.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
"""

from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.sink import Dynamics
from syncd.connector import Plugin

plugin = Plugin(DynamicsOptions, Dynamics)

__all__ = ["Dynamics", "DynamicsOptions", "plugin"]
