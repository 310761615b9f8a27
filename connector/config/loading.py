"""Reading a configuration: `config.toml`, the files it names, and all that can be wrong in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connector.config.documents import Files, open_document
from connector.config.types import Config, Currency, Publish, Schedule
from connector.config.workspace import Workspace
from connector.model.errors import ConfigError, Problem, Problems

if TYPE_CHECKING:
    from connector.config.settings import Settings


def read(path: Path, files: Files | None = None) -> Config:
    """The configuration at `path`. Raises ConfigError with every problem.

    `files`, where given, gets to know every file that was looked at, also where it fails.
    """
    whole = path.absolute()
    files = files if files is not None else Files(whole.parent)
    workspace = _opened(whole, files)
    if not workspace.main.readable:
        _look_at_flows(workspace)
        raise ConfigError(workspace.problems())
    config = _config(workspace, whole)
    if found := workspace.problems():
        raise ConfigError(found)
    return config


def _opened(path: Path, files: Files) -> Workspace:
    try:
        return Workspace(files, open_document(path, files))
    except FileNotFoundError:
        missing = Problem((), "there is no such file; make one with: baton init", file=files.shown(path))
        raise ConfigError([missing]) from None


def _look_at_flows(workspace: Workspace) -> None:
    """With `config.toml` unreadable, what is no TOML in the flows can still be told."""
    for file in workspace.files.listing(workspace.root / "flows"):
        workspace.open(f"flows/{file.name}", workspace.main, ())


def _config(workspace: Workspace, path: Path) -> Config:
    """What can be made of the documents; of use only if no problem was found."""
    from connector.config.connections import connections, declared_keys
    from connector.config.content import library
    from connector.config.desk import desk
    from connector.config.flows import FlowCompiler, check_reach, find_flows
    from connector.config.goals import goals
    from connector.config.identity_settings import identity
    from connector.config.keeping import kept
    from connector.config.literal_secrets import check_database, refuse_secrets
    from connector.config.notices import mail, notices, quiet
    from connector.config.people import people, teams
    from connector.config.sentences import validated
    from connector.config.settings import Settings

    main, problems = workspace.main, workspace.main.problems
    refuse_secrets(main.table, problems, declared_keys(main.table))
    settings, _ = validated(Settings, main.table, problems)
    if not isinstance(settings, Settings):
        raise ConfigError(workspace.problems())
    check_database(settings.database, problems)
    linked = connections(settings, workspace)
    tables = find_flows(settings, workspace)
    compiler = FlowCompiler(settings, workspace, linked)
    compiled = [flow for flow in map(compiler.compile, tables.values()) if flow is not None]
    flows = {flow.name: flow for flow in compiled}
    check_reach(flows, tables, problems)
    keep = kept(settings.keep, flows, tables)
    return Config(
        root=workspace.root,
        path=path,
        language=settings.language,
        timezone=settings.timezone.key,
        zone=settings.timezone,
        region=settings.region,
        currency=_currency(settings, problems),
        fiscal_year_starts=settings.fiscal_year_starts,
        keep=keep,
        database=_database(settings.database, workspace.root),
        secrets_backend=settings.secrets.backend,
        connections=linked,
        schedule=_schedule(settings),
        teams=teams(settings, problems),
        people=people(settings, problems),
        notices=notices(settings, problems),
        mail=mail(settings, problems),
        quiet=quiet(settings, problems),
        flows=flows,
        goals=goals(settings, main, flows),
        identity=identity(settings.identity, problems),
        library=library(workspace),
        files=workspace.files.paths,
        digest=workspace.files.digest,
        desk=desk(settings, linked, problems),
        publish=Publish(tuple(dict.fromkeys(settings.publish.what)), settings.publish.at or ""),
    )


def _database(said: str, root: Path) -> str:
    return said if "://" in said else str(root / said)


def _currency(settings: Settings, problems: Problems) -> Currency:
    from connector.config.currencies import CURRENCIES

    rates: dict[str, float] = settings.currency.model_extra or {}
    for code in rates.keys() - CURRENCIES:
        problems.unknown(("currency", code), code, CURRENCIES, "currency")
    return Currency(settings.currency.report_in, rates)


def _schedule(settings: Settings) -> Schedule:
    own = settings.schedule
    return Schedule(own.pull, own.bring_back, own.rescore, own.sweep, own.reports.model_dump())
