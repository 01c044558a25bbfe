"""A released file as its readers see it: opened in LibreOffice and read back."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.lists.release import release
from segment.warehouse.export import FORMULA_STARTS, write_export
from tests.jobs.lists.made_lists import ADULT, LIST_ON, bank, listed, retail

COMMA, SEMICOLON, QUOTE, UTF8 = 44, 59, 34, 76
# text quoted, numbers bare as the reader sees them; formulas as formulas, were there any
READ_BACK = f"csv:Text - txt - csv (StarCalc):{COMMA},{QUOTE},{UTF8},1,,0,true,true,true"
STARTS = [start for start in FORMULA_STARTS if start not in "\r\0"]  # XML and CSV readers fold these two
ATTACKS = [f'{start}HYPERLINK("http://x.example","y")' for start in STARTS] + [f"{start}1+1" for start in STARTS]


def opened(path: Path, *given: str, sheet: int = 0) -> list[list[str]]:
    """Let LibreOffice read a file and say what its first sheet holds, or the one of a number."""
    program = shutil.which("soffice")
    assert program, "LibreOffice must be installed for this test: apt-get install libreoffice-calc"
    folder = path.parent / f"read-back-{path.suffix[1:]}-{sheet}"
    own = f"-env:UserInstallation=file://{path.parent}/profile"
    reading = f"{READ_BACK},false,false,{sheet}"
    command = [program, "--headless", "--norestore", own, *given, "--convert-to", reading, "--outdir", str(folder)]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=240, check=False)
    found = list(folder.glob("*.csv"))
    assert found, f"LibreOffice could not read the file: {done.stdout} {done.stderr}"
    with found[0].open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.slow
def test_a_released_workbook_opens_with_its_values_and_no_formula(tmp_path: Path) -> None:
    customers = [(f"c{number}", ADULT, False, None) for number in range(9)]
    ids = [(f"{text}{number}", ADULT, False, None) for number, text in enumerate(ATTACKS)]
    workspace = bank(tmp_path / "w", customers=[*customers, *ids])
    attacked = [{"customer_id": name, "say": f"a;{text}"} for (name, *_), text in zip(ids, ATTACKS, strict=True)]
    rows = listed(workspace, [*[{} for _ in customers], *attacked])
    path, policy = tmp_path / "list.xlsx", retail()
    release(rows, path, list_id=rows["list_id"][0], workspace=workspace, policy=policy, list_on=LIST_ON, as_of=LIST_ON)
    header, *body = opened(path, sheet=3)
    said = {name: [row[place] for row in body] for place, name in enumerate(header)}
    for name in ("customer_id", "branch_id", "say", "bundle"):
        assert said[name] == rows[name].to_list(), name
    for name in ("expected_net_gain_12m", "upgrade_potential_12m"):
        assert [float(value.replace(",", "")) for value in said[name]] == pytest.approx(rows[name].to_list())
    assert set(said["expires_on"]) == {"2026-01-30"}
    assert header[-1] == "watermark"
    calls = opened(path, sheet=1)
    place = calls[0].index("customer_id")
    assert set(rows["customer_id"]) <= {line[place] for line in calls}


@pytest.mark.slow
def test_text_is_text_and_a_number_is_a_number_in_libreoffice(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["007", "-5", "=1+1"], "gain": [-12.5, 34.5, 0.0]})
    write_export(frame, tmp_path / "list.xlsx", "list", {"List": "L1"})
    opened(tmp_path / "list.xlsx")
    text = next((tmp_path / "read-back-xlsx-0").glob("*.csv")).read_text(encoding="utf-8")
    assert text.splitlines() == ['"id","gain"', '"007",-12.50', '"-5",34.50', '"=1+1",0.00']


def as_an_unwary_reader(path: Path, delimiter: int) -> list[str]:
    """Cells of a CSV file, formulas taken from the text and the delimiter of some country."""
    reading = f"--infilter=CSV:{delimiter},{QUOTE},{UTF8},1,,0,false,true,false,false,false,0,true"
    return [cell for row in opened(path, reading) for cell in row]


def formulas(cells: list[str]) -> list[str]:
    return [cell for cell in cells if cell.startswith(FORMULA_STARTS) or cell == "2"]


@pytest.mark.slow
@pytest.mark.parametrize("delimiter", [COMMA, SEMICOLON])
def test_no_cell_of_a_csv_is_a_formula_whichever_delimiter_libreoffice_takes(tmp_path: Path, delimiter: int) -> None:
    texts = [*ATTACKS, *(f"a;{text}" for text in ATTACKS), *(f'a; "{text}' for text in ATTACKS)]
    frame = pl.DataFrame({"id": [f"row {number}" for number in range(len(texts))], "say": texts})
    write_export(frame, tmp_path / "list.csv", "list")
    cells = as_an_unwary_reader(tmp_path / "list.csv", delimiter)
    assert len(cells) >= 2 * len(texts)
    assert formulas(cells) == []


@pytest.mark.slow
@pytest.mark.parametrize(("delimiter", "text"), [(COMMA, "=1+1"), (SEMICOLON, "a;=1+1")])
def test_the_same_text_unguarded_is_a_formula_there(tmp_path: Path, delimiter: int, text: str) -> None:
    pl.DataFrame({"id": ["row"], "say": [text]}).write_csv(tmp_path / "list.csv")
    assert formulas(as_an_unwary_reader(tmp_path / "list.csv", delimiter)) != []
