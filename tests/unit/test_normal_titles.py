"""Level and function of job titles in seven languages, and the titles that only look like an officer's."""

from __future__ import annotations

import pytest

from connector.steps.normalise.titles import job_function, job_level


@pytest.mark.parametrize(
    ("title", "level", "function"),
    [
        # German
        ("Geschäftsführer", "c_level", "executive"),
        ("Geschaeftsfuehrerin", "c_level", "executive"),
        ("Mitglied der Geschäftsleitung", "c_level", "executive"),
        ("Vorstandsvorsitzender", "c_level", "executive"),
        ("Bereichsleiter Vertrieb", "vp", "sales"),
        ("Vertriebsleiter", "director", "sales"),
        ("Abteilungsleiterin Entwicklung", "director", "engineering"),
        ("Prokurist", "director", ""),
        ("Stellv. Abteilungsleiter", "manager", ""),
        ("Projektleiter", "manager", "operations"),
        ("Sachbearbeiterin Einkauf", "staff", "purchasing"),
        ("Industriekaufmann", "staff", ""),
        # French
        ("PDG", "c_level", "executive"),
        ("Directeur Général", "c_level", "executive"),
        ("Directeur général adjoint", "vp", "executive"),
        ("Vice-président", "vp", "executive"),
        ("Directrice Marketing", "director", "marketing"),
        ("Directeur des ressources humaines", "director", "hr"),
        ("DSI", "director", "it"),
        ("Responsable des achats", "manager", "purchasing"),
        ("Chef de produit", "manager", "product"),
        ("Ingénieur développement", "staff", "engineering"),
        ("Chargée de communication", "staff", "marketing"),
        # Spanish
        ("Consejero Delegado", "c_level", "executive"),
        ("Gerente General", "c_level", "executive"),
        ("Vicepresidenta", "vp", "executive"),
        ("Directora de Marketing", "director", "marketing"),
        ("Director de Ventas", "director", "sales"),
        ("Subdirector", "manager", ""),
        ("Jefe de Compras", "manager", "purchasing"),
        ("Gerente de Ventas", "manager", "sales"),
        ("Responsable de Recursos Humanos", "manager", "hr"),
        ("Comercial", "staff", "sales"),
        # Italian
        ("Amministratore Delegato", "c_level", "executive"),
        ("Titolare", "c_level", "executive"),
        ("Direttore Commerciale", "director", "sales"),
        ("Responsabile Acquisti", "manager", "purchasing"),
        ("Capo reparto", "manager", ""),
        ("Impiegata", "staff", ""),
        ("Ingegnere", "staff", "engineering"),
        # Dutch
        ("Algemeen directeur", "c_level", "executive"),
        ("Eigenaar", "c_level", "executive"),
        ("Hoofd Inkoop", "director", "purchasing"),
        ("Afdelingshoofd", "director", ""),
        ("Verkoopleider", "manager", "sales"),
        ("Medewerker", "staff", ""),
        # Japanese
        ("代表取締役", "c_level", "executive"),
        ("執行役員 営業本部長", "vp", "sales"),
        ("支店長", "director", ""),
        ("所長", "director", ""),
        ("次長", "manager", ""),
        ("営業課長代理", "manager", "sales"),
        ("係長", "manager", ""),
        ("ＩＴ推進室　室長", "manager", "it"),
        ("主任", "staff", ""),
        # English, shortened
        ("Dir. of Ops", "director", "operations"),
        ("V.P. Finance", "vp", "finance"),
        ("Snr Mgr, Sales&Marketing", "manager", "marketing"),
        ("Head of R&D", "director", "engineering"),
    ],
)
def test_titles_of_each_language(title: str, level: str, function: str) -> None:
    assert (job_level(title), job_function(title)) == (level, function)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Assistant to the CEO", "staff"),
        ("Vice President's assistant", "staff"),
        ("CEO’s Assistant", "staff"),
        ("PA to CEO", "staff"),
        ("Vorstandsassistentin", "staff"),
        ("Assistenz der Geschäftsleitung", "staff"),
        ("Assistante de direction", "staff"),
        ("Asistente de dirección", "staff"),
        ("Assistente alla direzione", "staff"),
        ("Directiesecretaresse", "staff"),
        ("社長秘書", "staff"),
        ("部長付", "staff"),
        ("HR Business Partner", "staff"),
        ("Principal Engineer", "staff"),
        ("Lead Generation Specialist", "staff"),
        ("Office of the VP", ""),
        ("VP's Office", ""),
        ("Reporting to the CEO", ""),
        ("former Director", ""),
        ("Ex-Director of Marketing", ""),
        ("Director Emeritus", ""),
        ("Retired CEO", ""),
        ("ehemaliger Geschäftsführer", ""),
        ("元部長", ""),
        ("前社長", ""),
        ("取締役会事務局", ""),
        ("部長候補", ""),
        ("Former VP Sales, now Consultant", "staff"),
        ("Founder, former CEO", "c_level"),
        # and what only looks like one of these
        ("Assistant Director", "director"),
        ("Assistant Vice President", "vp"),
        ("Director, Office of the CEO", "director"),
        ("Chief of Staff to the CEO", "director"),
        ("Channel Partner Manager", "manager"),
        ("Partner", "c_level"),
        ("Managing Partner", "c_level"),
        ("前橋支店長", "director"),
        ("社長室長", "manager"),
        ("Head of Order to Cash", "director"),
    ],
)
def test_who_is_near_an_officer_is_none(title: str, level: str) -> None:
    assert job_level(title) == level


def test_letters_inside_a_word_say_nothing() -> None:
    assert job_function("Geschäftsleitung") == "executive"
    assert job_function("Präsident") == "executive"
    assert job_function("Capitaine") == ""
