"""Two names of one company have one key, whatever its legal form and how that is written; mailboxes likewise."""

from __future__ import annotations

import pytest

from connector.steps.normalise.companies import company_key
from connector.steps.normalise.mail import mailbox


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ("Müller GmbH & Co. KG|MÜLLER GmbH & Co KG|Müller GmbH und Co. KG|Muller G.m.b.H. u. Co KG|Müller", "muller"),
        ("Siemens AG|Siemens Aktiengesellschaft|siemens", "siemens"),
        ("Foo UG (haftungsbeschränkt)|Foo UG|Firma Foo", "foo"),
        ("Foo e.K.|Foo e. K.|Foo eK|Foo e.V.|Foo SE|Foo OHG|Foo KGaA", "foo"),
        ("Foo S.A.|Foo S. A.|FOO SA|foo, S.A.|Foo S A", "foo"),
        ("SAS Dupont|Dupont S.A.S.|Dupont SASU|SARL Dupont|Dupont S.A.R.L.|Dupont, SARL|EURL Dupont", "dupont"),
        ("Foo S.L.|Foo S.L.U.|Foo, S. L.|Foo SL|Foo Sociedad Limitada", "foo"),
        ("Foo S.A. de C.V.|Foo SA de CV|Foo S. de R.L. de C.V.", "foo"),
        ("Foo S.p.A.|Foo S P A|FOO S.P.A|Foo SpA|Foo S.r.l.|Foo SRL|Foo S R L|Foo s.n.c.", "foo"),
        ("Foo B.V.|Foo BV|Foo B V|foo, b.v.|Foo Besloten Vennootschap|Foo V.O.F.|Foo vof", "foo"),
        ("Koninklijke Philips N.V.|koninklijke philips NV|Koninklijke Philips N V", "koninklijke philips"),
        ("Acme Inc|ACME, Inc.|Acme Co., Ltd.|The Acme Company|Acme LLC|Acme L.L.C.|Acme plc|Acme Pty Ltd", "acme"),
        ("Acme K.K.|Acme Kabushiki Kaisha|Acme G.K.|Acme Godo Kaisha|Acme KK", "acme"),
        (
            "株式会社アクメ|アクメ株式会社|㈱アクメ|(株)アクメ|アクメ（株）|アクメ 株式会社|ｱｸﾒ㈱|㍿アクメ"
            "|カ)アクメ|アクメ(カ|合同会社アクメ|(同)アクメ|アクメ合同会社|有限会社アクメ|㈲アクメ",
            "アクメ",
        ),
        ("アクメ・商事株式会社|アクメ商事|アクメ 商事", "アクメ商事"),
        ("一般社団法人アクメ|(一社)アクメ", "アクメ"),
        ("有限责任公司阿克米|阿克米有限公司|阿克米股份有限公司", "阿克米"),
        ("주식회사 아크메|(주)아크메|㈜아크메", "아크메"),
        ("Procter & Gamble Co.|Procter and Gamble|The Procter Gamble Company", "procter gamble"),
        ("L'Oréal S.A.|L’OREAL|Loreal", "loreal"),
        ("AB Volvo|Volvo AB", "volvo"),
        ("Foo Sp. z o.o.|Foo sp. z.o.o.", "foo"),
    ],
)
def test_one_company_has_one_key(names: str, key: str) -> None:
    found = {name: company_key(name) for name in names.split("|")}
    assert found == dict.fromkeys(found, key)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("AG Insurance", "ag insurance"),
        ("SAS Institute Inc.", "sas institute"),
        ("SE Electronics", "se electronics"),
        ("Company", "company"),
        ("The Company", "company"),
        ("株式会社", "株式会社"),
        ("H & M", "h m"),
        ("3M", "3m"),
        ("E.ON SE", "eon"),
        ("J.P. Morgan & Co.", "jp morgan"),
        ("Acme Inc. Japan", "acme japan"),
        ("Team Kapital", "team kapital"),
        ("", ""),
    ],
)
def test_what_is_no_legal_form_stays(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Ana.Lopez+news@Gmail.com", "analopez@gmail.com"),
        ("ana.lopez@googlemail.com", "analopez@gmail.com"),
        ("ana.lopez+x@acme.de", "ana.lopez@acme.de"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("a.b.@docomo.ne.jp", "a.b.@docomo.ne.jp"),
        (" Ana Lopez <Ana@Acme.de> ", "ana@acme.de"),
        ("+tag@acme.de", "+tag@acme.de"),
        ("...@gmail.com", "...@gmail.com"),
        ("to follow", "to follow"),
        ("", ""),
    ],
)
def test_mailbox(address: str, key: str) -> None:
    assert mailbox(address) == key
