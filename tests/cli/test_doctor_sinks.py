"""`syncd doctor` before the account of each CRM: nothing where all is well, and every planted fault with its remedy."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.doctor_cases import Case, Planted, connect, findings, plant
from tests.cli.doctor_of_close import CLOSE
from tests.cli.doctor_of_copper import COPPER
from tests.cli.doctor_of_dynamics import DYNAMICS
from tests.cli.doctor_of_http import HTTP
from tests.cli.doctor_of_hubspot import HUBSPOT
from tests.cli.doctor_of_odoo import ODOO
from tests.cli.doctor_of_pipedrive import PIPEDRIVE
from tests.cli.doctor_of_salesforce import SALESFORCE
from tests.cli.doctor_of_streak import STREAK
from tests.cli.doctor_of_sugar import SUGARCRM, SUITECRM, SUITECRM_V4_1
from tests.cli.doctor_of_zoho import ZOHO
from tests.cli.office import Office

SUGARS = (SUGARCRM, SUITECRM, SUITECRM_V4_1)
CASES = (HUBSPOT, SALESFORCE, ZOHO, PIPEDRIVE, CLOSE, COPPER, ODOO, STREAK, *SUGARS, DYNAMICS, HTTP)
ENDS = ("API ",)  # of versions: that one comes near is true of a sound account too, from some day on
TOLD = [case for case in CASES if case.overnight]
ALONE = [(case, fault) for case in CASES for fault in case.alone]


def named(case: Any) -> str:
    return case.name if isinstance(case, Case) else case.what if isinstance(case, Planted) else str(case)


@pytest.fixture
def account(office: Office, case: Case) -> Iterator[tuple[Any, dict[str, Any]]]:
    with case.start() as (fake, entry):
        connect(office, entry)
        office.run("prepare", "--apply")
        yield fake, entry


@pytest.mark.parametrize("case", CASES, ids=named)
def test_planted_faults_are_named_each_with_its_remedy(
    office: Office, case: Case, account: tuple[Any, dict[str, Any]]
) -> None:
    sound = {what for what in findings(office, code=0) if not what.startswith(ENDS)}
    plant(office, *account, case.planted)

    found = findings(office)

    assert sound == set()
    assert all(finding["remedy"] for finding in found.values())
    assert len(case.planted) >= 5  # at once; those that hide the others stand alone below
    for fault in case.planted:
        assert fault.what in found, (fault.what, sorted(found))
        assert fault.detail in found[fault.what]["detail"]
        assert fault.remedy in found[fault.what]["remedy"]


@pytest.mark.parametrize(("case", "fault"), ALONE, ids=named)
def test_fault_that_hides_the_others_is_named_with_its_remedy(
    office: Office, account: tuple[Any, dict[str, Any]], fault: Planted
) -> None:
    plant(office, *account, (fault,))

    found = findings(office)

    assert fault.what in found, sorted(found)
    assert fault.detail in found[fault.what]["detail"]
    assert fault.remedy in found[fault.what]["remedy"]


@pytest.mark.parametrize("case", TOLD, ids=named)
def test_fields_are_compared_with_yesterdays(office: Office, case: Case, account: tuple[Any, dict[str, Any]]) -> None:
    with office.app() as built:
        (yesterday,) = (loop for loop in built.crew.loops if loop.name == "doctor crm")
        yesterday.turn()
    plant(office, *account, case.overnight)

    found = findings(office)

    for fault in case.overnight:
        assert fault.what in found, (fault.what, sorted(found))
        assert fault.detail in found[fault.what]["detail"]
        assert fault.remedy in found[fault.what]["remedy"]
