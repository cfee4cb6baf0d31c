"""The nodes that are not contracts: parties."""

from __future__ import annotations

from graphrisk.model.columns import SOURCE, category, day, flag, identifier, text
from graphrisk.model.table import Table

KIND_LABELS = {
    "company": "Company",
    "person": "Person",
    "public_body": "PublicBody",
    "bank": "Bank",
    "guarantee_company": "GuaranteeCompany",
    "fund": "Fund",
    "nominee": "Nominee",
    "unknown": "Unknown",
}
"""Second label of a party node, by its kind."""

PARTIES = Table(
    name="parties",
    meaning="clients, owners, guarantors, suppliers, banks: everybody who can owe, own or pay",
    role="node",
    label="Party",
    key=("party_id",),
    columns=(
        identifier("party_id", "id chosen by the source"),
        text("name", "name as the source writes it", required=True),
        category("kind", "what the party is", *KIND_LABELS, required=True),
        flag("is_client", "true where the bank has a relationship of its own with the party"),
        text("country", "ISO 3166 code of the country"),
        text("region", "province or region"),
        text("industry", "industry code or name, as the bank classifies it"),
        category("size", "size class", "micro", "small", "medium", "large"),
        category("status", "standing with the bank", "active", "watch", "defaulted", "closed"),
        text("lei", "Legal Entity Identifier, ISO 17442"),
        text("national_id", "national register number, e.g. the unified social credit code"),
        text("phone", "phone number on file"),
        text("address", "address on file, as the source writes it"),
        day("incorporated_on", "day of incorporation or birth"),
        day("client_since_on", "day on which the relationship with the bank began"),
        flag("listed", "true where its shares trade on an exchange"),
        flag("arrangement", "true for a trust, foundation or the like; null = not known"),
        flag(
            "opaque", "a person's judgement: its structure hides owners without an economic reason; null = not judged"
        ),
        SOURCE,
    ),
)
