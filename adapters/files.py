"""Exports as a marketing source, and a CRM as files: CSV and JSONL.

The source reads only what is new: an unchanged file not at all, one that grew from where it
ended, one that changed from its start. The CRM keeps one file per object (`leads.csv`,
`tasks.csv`, `notes.csv`), replaced whole, with our key as the first column.
"""

from __future__ import annotations

from adapters._files.crm import FilesCrm
from adapters._files.settings import FilesSettings
from adapters._files.source import FilesSource
from connector.model.adapter import Adapter

ADAPTER = Adapter(settings=FilesSettings, source=FilesSource, crm=FilesCrm, signs_in=False)
