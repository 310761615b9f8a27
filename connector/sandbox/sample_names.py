"""Names for the sample: people, firms, towns and titles of five countries. All are invented.

Firms live under `.example`, which is reserved: no mail and no click of the sample reaches anyone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """What people of one country are made of. `given` and `family` are (written, reading, Latin letters).

    `phones` are numbers set aside for fiction, or not given to anyone where a country has none.
    """

    country: tuple[str, ...]
    language: str
    given: tuple[tuple[str, str, str], ...]
    family: tuple[tuple[str, str, str], ...]
    towns: tuple[tuple[str, str], ...]
    phones: tuple[str, ...]
    forms: tuple[str, ...]


def _plain(names: str) -> tuple[tuple[str, str, str], ...]:
    plain = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "'": ""})
    return tuple((name, "", name.lower().translate(plain)) for name in names.split())


def _japanese(names: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((written, reading, latin) for written, reading, latin in (name.split("/") for name in names.split()))


UK = Region(
    country=("United Kingdom", "UK", "GB", "Great Britain"),
    language="en",
    given=_plain(
        "Amelia Oliver Harriet George Isla Callum Freya Rory Imogen Duncan Poppy Nigel Priya Owen Bronwen Tariq"
    ),
    family=_plain(
        "Ashworth Bellamy Carrick Dunmore Elphick Fairclough Garside Hathersage Inglis Kirkbride Lomax Osei O'Hara"
    ),
    towns=(("Leeds", "LS1 4AP"), ("Bristol", "BS1 5TR"), ("Sheffield", "S1 2HE"), ("Glasgow", "G2 1DU")),
    phones=("+44 20 7946 0{:03}", "020 7946 0{:03}", "0044 20 7946 0{:03}", "+44 (0)20-7946-0{:03}"),
    forms=("{} Ltd", "{} plc", "{} Limited"),
)
US = Region(
    country=("United States", "USA", "US", "U.S.A."),
    language="en",
    given=_plain("Madison Tyler Brooke Hunter Avery Logan Jasmine Carlos Shelby Wyatt Naomi Desmond Paige Marcus"),
    family=_plain(
        "Abernathy Brightwater Colfax Delacroix Eastman Fullerton Granger Hollister Ibarra Jessup Kowalczyk Nguyen"
    ),
    towns=(("Columbus", "43215"), ("Milwaukee", "53202"), ("Portland", "97204"), ("Raleigh", "27601")),
    phones=("+1 614 555 01{:02}", "(614) 555-01{:02}", "614.555.01{:02}", "1-614-555-01{:02}"),
    forms=("{}, Inc.", "{} LLC", "{} Corp."),
)
GERMANY = Region(
    country=("Germany", "DE", "Deutschland"),
    language="de",
    given=_plain(
        "Anneliese Björn Clara Dietmar Elke Florian Greta Henrik Ilse Jörg Katrin Lukas Mareike Nils Saskia Ayşe"
    ),
    family=_plain(
        "Adler Bachmeier Dornfeld Eichholz Fürstenau Grünwald Hartwig Immenhof Jessen Köhnke Lindqvist Möllers"
    ),
    towns=(("Hamburg", "20095"), ("Stuttgart", "70173"), ("Leipzig", "04109"), ("Bremen", "28195")),
    phones=("+49 30 23125 {:03}", "030/23125-{:03}", "0049 30 23125{:03}", "+49 (0)30 23125 {:03}"),
    forms=("{} GmbH", "{} AG", "{} GmbH & Co. KG"),
)
ALPS = Region(
    country=("Austria", "Österreich", "Switzerland", "CH"),
    language="de",
    given=_plain("Resi Matthias Vreni Urs Leni Beat Sepp Regula Franziska Reto Magdalena Andri"),
    family=_plain("Aebischer Brunnthaler Caduff Egger Feldkircher Gasser Hofstätter Imboden Kofler Niederberger"),
    towns=(("Graz", "8010"), ("Linz", "4020"), ("Winterthur", "8400"), ("Chur", "7000")),
    phones=("+43 1 000 1{:03}", "+41 44 000 0{:03}"),
    forms=("{} AG", "{} GmbH"),
)
JAPAN = Region(
    country=("Japan", "日本", "JP"),
    language="ja",
    given=_japanese(
        "陽菜/ひな/hina 翔太/しょうた/shota 美咲/みさき/misaki 大輔/だいすけ/daisuke 香織/かおり/kaori "
        "健一/けんいち/kenichi 由美子/ゆみこ/yumiko 拓也/たくや/takuya 直美/なおみ/naomi 誠/まこと/makoto "
        "千尋/ちひろ/chihiro 浩二/こうじ/koji"
    ),
    family=_japanese(
        "青柳/あおやぎ/aoyagi 大槻/おおつき/otsuki 栗原/くりはら/kurihara 斉木/さいき/saiki 高梨/たかなし/takanashi "
        "中曽根/なかそね/nakasone 羽田/はねだ/haneda 真鍋/まなべ/manabe 矢吹/やぶき/yabuki 渡会/わたらい/watarai "
        "藤堂/とうどう/todo 小日向/こひなた/kohinata"
    ),
    towns=(("大阪市", "530-0001"), ("名古屋市", "450-0002"), ("浜松市", "430-0926"), ("仙台市", "980-0811")),
    phones=("03-0000-1{:03}", "+81 3 0000 1{:03}", "03 0000 1{:03}"),
    forms=("株式会社{}", "{}株式会社", "(株){}", "有限会社{}"),
)

#: Family names of those who came before the sample, by language: enough that hardly two people share a name.
LATER_FAMILIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": _plain(
        "Alderton Birtwhistle Cawthorne Drinkwater Eccleston Farnsworth Gathercole Holroyd Illingworth Jagger "
        "Kettlewell Longbottom Micklethwaite Nuttall Ollerenshaw Postlethwaite Quarmby Ramsbottom Sidebottom "
        "Thistlewood Uttley Vickerstaff Wigglesworth Yardley Arkwright Braithwaite Crabtree Dewhurst Entwistle "
        "Fothergill Greenhalgh Heptonstall Ingham Kershaw Lockwood Murgatroyd Noakes Openshaw Pickles Rawnsley"
    ),
    "de": _plain(
        "Altenburg Brockmann Claussen Diekmann Ebersbach Falkenberg Gerstenmaier Hollerbach Irmscher Jankowski "
        "Kaltenbach Lauterbach Mittelstädt Neuhaus Oberländer Pfefferkorn Quandt Rosenbusch Schillinger Tannenberg "
        "Uhlenbrock Vogelsang Wackernagel Ziegenbalg Ahrens Bornemann Cordes Dreyer Engelbrecht Frankenfeld Goldammer "
        "Heidenreich Ihde Jagemann Kirchhoff Landgraf Meinecke Nachtigall Osterloh Petersen"
    ),
    "ja": _japanese(
        "相馬/そうま/soma 石動/いするぎ/isurugi 榎本/えのもと/enomoto 尾形/おがた/ogata 風間/かざま/kazama "
        "桐谷/きりたに/kiritani 倉持/くらもち/kuramochi 古賀/こが/koga 佐伯/さえき/saeki 篠原/しのはら/shinohara "
        "菅野/すがの/sugano 瀬川/せがわ/segawa 園部/そのべ/sonobe 滝沢/たきざわ/takizawa 千葉/ちば/chiba "
        "津田/つだ/tsuda 手塚/てづか/tezuka 戸川/とがわ/togawa 新見/にいみ/niimi 沼田/ぬまた/numata "
        "野口/のぐち/noguchi 畑中/はたなか/hatanaka 平岡/ひらおか/hiraoka 福永/ふくなが/fukunaga 保科/ほしな/hoshina "
        "三枝/さえぐさ/saegusa 村瀬/むらせ/murase 望月/もちづき/mochizuki 山根/やまね/yamane 吉川/よしかわ/yoshikawa"
    ),
}

FIRM_STEMS = (
    "Alderbrook", "Brackenfell", "Calderwick", "Dovetree", "Elmhurst", "Fennimore", "Greywater", "Hollowell",
    "Ironbeck", "Juniper Row", "Kestrelby", "Larkfield", "Marlstone", "Nettlecombe", "Oxbow", "Pennythorn",
    "Quarrydale", "Rookhope", "Silverbirch", "Thistledown", "Umberleigh", "Vellacott", "Wharfside", "Yarrowby",
)  # fmt: skip
FIRM_TRADES = (
    ("Precision", "Manufacturing"), ("Foods", "Food and beverage"), ("Packaging", "Packaging"),
    ("Instruments", "Medical devices"), ("Castings", "Metals"), ("Textiles", "Textiles"),
)  # fmt: skip
#: (written, Latin letters, industry)
FIRMS_JAPAN = (
    ("青葉精機", "aoba-seiki", "Manufacturing"), ("北斗食品", "hokuto-shokuhin", "Food and beverage"),
    ("東雲製作所", "shinonome-ss", "Manufacturing"), ("みのり包装", "minori-hoso", "Packaging"),
    ("白樺工業", "shirakaba-kogyo", "Metals"), ("若草計器", "wakakusa-keiki", "Medical devices"),
    ("かもめ繊維", "kamome-seni", "Textiles"), ("双葉鋳造", "futaba-chuzo", "Metals"),
    ("旭ヶ丘テクノ", "asahigaoka-techno", "Manufacturing"), ("紅葉電装", "momiji-denso", "Manufacturing"),
)  # fmt: skip

#: Titles by how far up they stand and by language; who decides about the product reads `senior`.
TITLES: dict[str, dict[str, tuple[str, ...]]] = {
    "senior": {
        "en": ("Director of Operations", "VP Manufacturing", "COO", "Head of Production", "Plant Director"),
        "de": ("Leiter Produktion", "Leiterin Operations", "Geschäftsführer", "Werksleiterin", "Director Supply Chain"),
        "ja": ("営業部長", "生産管理部 部長", "工場長", "取締役", "製造本部長"),
    },
    "middle": {
        "en": ("Production Manager", "Supply Chain Manager", "IT Manager", "Operations Team Lead"),
        "de": ("Teamleiter Fertigung", "Projektleiterin", "Produktionsmanager", "IT-Manager"),
        "ja": ("生産管理課長", "情報システム課 課長", "製造グループ長", "購買係長"),
    },
    "junior": {
        "en": ("Production Planner", "Buyer", "Process Engineer", "Analyst", "Marketing Assistant"),
        "de": ("Sachbearbeiter", "Einkäuferin", "Prozessingenieur", "Disponentin"),
        "ja": ("生産管理担当", "主任", "エンジニア", "総務部スタッフ"),
    },
    "student": {"en": ("Student",), "de": ("Werkstudentin", "Student"), "ja": ("大学院生", "学生")},
}

COMPETITORS = ("Plandrift", "Taktwerk", "Kadence Works")
