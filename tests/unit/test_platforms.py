import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from connector import platforms
from connector.model.adapter import Adapter
from connector.model.errors import ConfigError


class AcmeSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")


def installed(monkeypatch: pytest.MonkeyPatch, module: ModuleType, *values: str) -> None:
    monkeypatch.setitem(sys.modules, "acme_adapter", module)
    points = EntryPoints([EntryPoint("acme", value, platforms.GROUP) for value in values or ("acme_adapter",)])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **want: points.select(**want))


def test_every_shipped_module_declares_an_adapter() -> None:
    assert {"memory", "files", "desk"} <= set(platforms.shipped())
    for name in platforms.shipped():
        found = platforms.adapter(name)
        assert found.source or found.crm, name


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown type fils; allowed: .*; did you mean files"):
        platforms.adapter("fils")


def test_helper_modules_are_no_types() -> None:
    with pytest.raises(ConfigError, match="unknown type _memory"):
        platforms.adapter("_memory")


def test_an_installed_adapter_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("acme_adapter")
    adapter = vars(module)["ADAPTER"] = Adapter(settings=AcmeSettings)
    installed(monkeypatch, module)
    assert platforms.adapter("acme") is adapter
    assert "acme" in platforms.known()


def test_a_module_without_adapter_is_reported_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, ModuleType("acme_adapter"))
    with pytest.raises(ConfigError, match="no ADAPTER in the module of acme"):
        platforms.adapter("acme")


def test_an_entry_point_that_does_not_load_is_reported_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints([EntryPoint("acme", "module_that_is_not_there", platforms.GROUP)])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **want: points.select(**want))
    with pytest.raises(ConfigError, match=r"the adapter acme .* cannot be loaded"):
        platforms.adapter("acme")


@pytest.mark.parametrize("fault", ["raise ValueError('no luck')", "1 / 0", "def", "import nowhere_to_be_found"])
def test_whatever_an_adapter_does_when_it_is_imported_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    (tmp_path / "broken_adapter.py").write_text(fault)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_adapter", raising=False)
    points = EntryPoints([EntryPoint("acme", "broken_adapter", platforms.GROUP)])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **want: points.select(**want))
    with pytest.raises(ConfigError, match=r"^the adapter acme \(broken_adapter\) cannot be loaded: [^\n]+$"):
        platforms.adapter("acme")
    found, faults = platforms.loadable()
    assert sorted(found) == sorted(platforms.shipped())
    assert len(faults) == 1


@pytest.mark.parametrize("settings", [dict, type("Loose", (BaseModel,), {})])
def test_settings_that_would_take_any_key_are_reported_plainly(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    module = ModuleType("acme_adapter")
    vars(module)["ADAPTER"] = Adapter(settings=settings)
    installed(monkeypatch, module)
    with pytest.raises(ConfigError, match=r'the settings of acme .* are no pydantic model with extra="forbid"'):
        platforms.adapter("acme")


def test_two_packages_with_one_type_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, ModuleType("acme_adapter"), "acme_adapter", "other_adapter")
    with pytest.raises(ConfigError, match=r"several packages have an adapter acme: acme_adapter, other_adapter"):
        platforms.adapter("acme")


def test_the_four_packages_are_ours() -> None:
    platforms.check_packages()


def test_a_foreign_package_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = ModuleType("mappings")
    foreign.__file__ = "somewhere/mappings/__init__.py"
    monkeypatch.setitem(sys.modules, "mappings", foreign)
    with pytest.raises(ConfigError, match=r"mappings at somewhere/mappings/__init__.py is not Baton's"):
        platforms.check_packages()
