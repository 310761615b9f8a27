"""What a field of an object is, as `describe` tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Types that can stand in no WHERE and no ORDER BY.
UNFILTERABLE = ("textarea_long", "address")
_SIZES = {"id": 18, "reference": 18, "email": 80, "phone": 40, "url": 255, "picklist": 255, "textarea": 255}
_SOAP = {"boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double", "currency": "xsd:double",
         "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime", "id": "tns:ID",
         "reference": "tns:ID"}  # fmt: skip


@dataclass(slots=True)
class Choice:
    """One value of a picklist."""

    value: str
    active: bool = True
    default: bool = False

    def describe(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"active": self.active, "defaultValue": self.default, "label": self.value, "validFor": None,
                "value": self.value}  # fmt: skip


@dataclass(slots=True)
class Field:
    """One field. `kind` is the API's type; a long text area is `textarea_long` here and `textarea` there.

    `to` are the objects that a reference may point to, `relation` the name to go there by.
    `read_only` is nobody's to write, `locked` not ours (field-level security: visible, not editable),
    `hidden` invisible to us. `on_create` may be written by a create only.
    """

    name: str
    kind: str = "string"
    length: int = 0
    label: str = ""
    required: bool = False
    default: Any = None
    read_only: bool = False
    on_create: bool = False
    external_id: bool = False
    unique: bool = False
    restricted: bool = False
    choices: list[Choice] = field(default_factory=list)
    to: tuple[str, ...] = ()
    relation: str = ""
    locked: bool = False
    hidden: bool = False

    def __post_init__(self) -> None:
        self.length = self.length or _SIZES.get(self.kind, 255 if self.kind == "string" else 0)
        self.label = self.label or self.name.removesuffix("__c").replace("_", " ")
        if self.kind == "boolean" and self.default is None:
            self.default = False

    @property
    def custom(self) -> bool:
        """An admin made it."""
        return self.name.endswith("__c")

    @property
    def has_default(self) -> bool:
        """A create without it gives it a value."""
        return self.default is not None or any(choice.default for choice in self.choices)

    @property
    def indexed(self) -> bool:
        """Looked up by value without walking all records."""
        return self.kind in ("id", "email", "phone", "reference") or self.external_id or self.unique

    @property
    def filterable(self) -> bool:
        """May stand in a WHERE."""
        return self.kind not in UNFILTERABLE

    def describe(self) -> dict[str, Any]:
        """As `describe` tells it to us."""
        writable = not (self.read_only or self.locked)
        return {
            "name": self.name,
            "label": self.label,
            "type": self.kind.removesuffix("_long"),
            "soapType": _SOAP.get(self.kind, "xsd:string"),
            "extraTypeInfo": "plaintextarea" if self.kind.startswith("textarea") else None,
            "length": self.length if self.kind not in ("boolean", "int", "double", "date", "datetime") else 0,
            "nillable": not self.required and self.kind not in ("boolean", "id"),
            "defaultedOnCreate": self.has_default or self.read_only or self.name == "OwnerId",
            "defaultValue": self.default,
            "createable": writable,
            "updateable": writable and not self.on_create,
            "custom": self.custom,
            "calculated": False,
            "externalId": self.external_id,
            "idLookup": self.external_id or self.kind == "id" or self.name == "Email",
            "unique": self.unique,
            "caseSensitive": False,
            "filterable": self.filterable,
            "sortable": self.filterable,
            "groupable": self.filterable,
            "restrictedPicklist": self.restricted,
            "dependentPicklist": False,
            "picklistValues": [choice.describe() for choice in self.choices],
            "referenceTo": list(self.to),
            "relationshipName": self.relation or None,
            "polymorphicForeignKey": len(self.to) > 1,
            "precision": 18 if self.kind in ("double", "currency", "percent") else 0,
            "scale": 2 if self.kind == "currency" else 0,
            "digits": 9 if self.kind == "int" else 0,
            "deprecatedAndHidden": False,
            "inlineHelpText": None,
        }
