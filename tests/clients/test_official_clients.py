"""The official clients of this environment, operation by operation; and the table of them all."""

from __future__ import annotations

import pytest

from .__main__ import TABLE
from .families import DEV, FAMILIES, Column, Family

HERE = [
    (family, column)
    for family in FAMILIES
    for column in family.columns
    if column.environment == DEV
]
OPERATIONS = [
    pytest.param(family, column, operation, id=f"{family.module}, {column.name}: {operation}")
    for family, column in HERE
    for operation in family.operations
]
# They take half a minute together.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("family", "column", "operation"), OPERATIONS)
def test_the_client_cannot_tell_the_difference(
    family: Family, column: Column, operation: str
) -> None:
    assert family.attempt(column, operation) is None


@pytest.mark.parametrize(("family", "column"), HERE)
def test_every_public_operation_is_tried_or_named_as_missing(
    family: Family, column: Column
) -> None:
    tried = {name.partition("(")[0] for name in family.operations if not name.startswith("get_o")}

    assert family.public_operations(column) == (tried | {*family.elsewhere})


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.module)
def test_the_table_in_the_package_has_every_operation_and_no_failure(family: Family) -> None:
    section = TABLE.read_text(encoding="utf-8").partition(f"## {family.title}\n")[2]
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| `")]

    assert {row.split("`")[1] for row in rows} >= family.operations.keys()
    assert [row for row in rows if "✓" not in row or "✗" in row] == []


@pytest.mark.parametrize(("family", "column"), HERE)
def test_the_table_is_of_the_installed_versions(family: Family, column: Column) -> None:
    written = TABLE.read_text(encoding="utf-8")

    for package, number in family.versions.items():
        assert f"{package} {number}" in written, "make clients"
