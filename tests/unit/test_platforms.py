import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

from connector import platforms
from connector.model.adapter import Adapter
from connector.model.errors import ConfigError


def installed(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    monkeypatch.setitem(sys.modules, "acme_adapter", module)
    points = EntryPoints([EntryPoint("acme", "acme_adapter", platforms.GROUP)])
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
    adapter = vars(module)["ADAPTER"] = Adapter(settings=dict)
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


def test_the_four_packages_are_ours() -> None:
    platforms.check_packages()


def test_a_foreign_package_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = ModuleType("mappings")
    foreign.__file__ = "somewhere/mappings/__init__.py"
    monkeypatch.setitem(sys.modules, "mappings", foreign)
    with pytest.raises(ConfigError, match=r"mappings at somewhere/mappings/__init__.py is not Baton's"):
        platforms.check_packages()
