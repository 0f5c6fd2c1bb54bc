"""SugarCRM and SuiteCRM: two products of one descent, as two kinds of sink with one core."""

from connectors.sinks.sugar.options import SugarCrmOptions, SuiteCrmOptions
from connectors.sinks.sugar.sink import Sugar, sugarcrm, suitecrm
from syncd.connector import Plugin

sugarcrm_plugin = Plugin(SugarCrmOptions, sugarcrm)
suitecrm_plugin = Plugin(SuiteCrmOptions, suitecrm)

__all__ = ["Sugar", "SugarCrmOptions", "SuiteCrmOptions", "sugarcrm_plugin", "suitecrm_plugin"]
