"""`foghorn export-page`: the public pages as files."""

from pathlib import Path

from tests.cli.runner import Foghorn


def test_the_pages_are_written_and_written_again(foghorn: Foghorn, tmp_path: Path) -> None:
    said = foghorn("export-page", "page")
    assert (said.code, said.err) == (0, "")
    written = [path for path in (tmp_path / "page").rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert said.out == f"Wrote the public pages to page: {len(written)} files.\n"
    assert "All systems operational" in (tmp_path / "page" / "index.html").read_text()
    assert foghorn("export-page", "page").code == 0


def test_a_folder_of_something_else_is_refused(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "notes.txt").write_text("Mine")
    said = foghorn("export-page", "home")
    assert said.code == 1
    assert said.err.startswith(
        "The public pages were not written to home: it contains files that Foghorn did not write."
    )
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["notes.txt"]
