"""Regions of countries: states, provinces, prefectures, Länder, cantons, by the names that people and forms give them.

Under a country's ISO 3166-1 code, a line is what ISO 3166-2 adds to it, the region's name in Latin letters,
its name in Japanese (for Japan's own; else blank), and what else it is called.
"""

from __future__ import annotations

NAMES = """
[US]
AL|Alabama||Ala
AK|Alaska
AZ|Arizona||Ariz
AR|Arkansas||Ark
CA|California||Calif|Cal|カリフォルニア|カリフォルニア州|Kalifornien|Californie
CO|Colorado||Colo
CT|Connecticut||Conn
DE|Delaware||Del
DC|District of Columbia||Washington DC|Washington D.C.
FL|Florida||Fla
GA|Georgia
HI|Hawaii||Hawai'i
ID|Idaho
IL|Illinois||Ill
IN|Indiana||Ind
IA|Iowa
KS|Kansas||Kans
KY|Kentucky
LA|Louisiana
ME|Maine
MD|Maryland
MA|Massachusetts||Mass
MI|Michigan||Mich
MN|Minnesota||Minn
MS|Mississippi||Miss
MO|Missouri
MT|Montana||Mont
NE|Nebraska||Nebr|Neb
NV|Nevada||Nev
NH|New Hampshire
NJ|New Jersey
NM|New Mexico
NY|New York||New York State|N.Y.|ニューヨーク州
NC|North Carolina||N. Carolina
ND|North Dakota||N. Dakota
OH|Ohio
OK|Oklahoma||Okla
OR|Oregon||Ore
PA|Pennsylvania||Penn|Penna
RI|Rhode Island
SC|South Carolina||S. Carolina
SD|South Dakota||S. Dakota
TN|Tennessee||Tenn
TX|Texas||Tex|テキサス州
UT|Utah
VT|Vermont
VA|Virginia
WA|Washington||Washington State|Wash|ワシントン州
WV|West Virginia||W. Virginia
WI|Wisconsin||Wis|Wisc
WY|Wyoming||Wyo
PR|Puerto Rico
GU|Guam
VI|U.S. Virgin Islands||US Virgin Islands
AS|American Samoa
MP|Northern Mariana Islands
[CA]
AB|Alberta||Alta
BC|British Columbia||Colombie-Britannique
MB|Manitoba||Man
NB|New Brunswick||Nouveau-Brunswick
NL|Newfoundland and Labrador||Newfoundland|Terre-Neuve-et-Labrador|Labrador
NS|Nova Scotia||Nouvelle-Écosse
NT|Northwest Territories||Territoires du Nord-Ouest
NU|Nunavut
ON|Ontario||Ont
PE|Prince Edward Island||PEI|Île-du-Prince-Édouard
QC|Québec||PQ|Que
SK|Saskatchewan||Sask
YT|Yukon||Yukon Territory
[AU]
ACT|Australian Capital Territory
NSW|New South Wales
NT|Northern Territory
QLD|Queensland
SA|South Australia
TAS|Tasmania
VIC|Victoria
WA|Western Australia
[DE]
BW|Baden-Württemberg||Baden-Wuerttemberg|Ba-Wü
BY|Bayern||Bavaria|Freistaat Bayern|Bavière|Baviera|バイエルン|バイエルン州
BE|Berlin||Land Berlin
BB|Brandenburg
HB|Bremen||Freie Hansestadt Bremen
HH|Hamburg||Freie und Hansestadt Hamburg
HE|Hessen||Hesse
MV|Mecklenburg-Vorpommern||Mecklenburg-Western Pomerania|Meck-Pomm
NI|Niedersachsen||Lower Saxony|Basse-Saxe
NW|Nordrhein-Westfalen||North Rhine-Westphalia|NRW|Nordrhein Westfalen
RP|Rheinland-Pfalz||Rhineland-Palatinate|RLP
SL|Saarland
SN|Sachsen||Saxony|Freistaat Sachsen
ST|Sachsen-Anhalt||Saxony-Anhalt
SH|Schleswig-Holstein
TH|Thüringen||Thuringia|Thueringen|Freistaat Thüringen
[AT]
1|Burgenland
2|Kärnten||Carinthia|Kaernten
3|Niederösterreich||Lower Austria|Niederoesterreich|NÖ
4|Oberösterreich||Upper Austria|Oberoesterreich|OÖ
5|Salzburg
6|Steiermark||Styria
7|Tirol||Tyrol
8|Vorarlberg
9|Wien||Vienna
[CH]
AG|Aargau||Argovia|Argovie
AR|Appenzell Ausserrhoden
AI|Appenzell Innerrhoden
BL|Basel-Landschaft||Baselland|Basel-Country
BS|Basel-Stadt||Basel-City|Bâle-Ville
BE|Bern||Berne|Berna
FR|Fribourg||Freiburg
GE|Genève||Geneva|Genf|Ginevra
GL|Glarus
GR|Graubünden||Grisons|Grigioni|Graubuenden
JU|Jura
LU|Luzern||Lucerne
NE|Neuchâtel||Neuenburg
NW|Nidwalden
OW|Obwalden
SG|St. Gallen||Sankt Gallen|Saint-Gall
SH|Schaffhausen||Schaffhouse
SZ|Schwyz
SO|Solothurn||Soleure
TG|Thurgau||Thurgovie
TI|Ticino||Tessin
UR|Uri
VS|Valais||Wallis
VD|Vaud||Waadt
ZG|Zug||Zoug
ZH|Zürich||Zurich|Zuerich|Zurigo
[FR]
ARA|Auvergne-Rhône-Alpes
BFC|Bourgogne-Franche-Comté
BRE|Bretagne||Brittany
CVL|Centre-Val de Loire
20R|Corse||Corsica|COR
GES|Grand Est
HDF|Hauts-de-France
IDF|Île-de-France
NOR|Normandie||Normandy
NAQ|Nouvelle-Aquitaine
OCC|Occitanie
PDL|Pays de la Loire
PAC|Provence-Alpes-Côte d'Azur||PACA
[IT]
65|Abruzzo
77|Basilicata
78|Calabria
72|Campania
45|Emilia-Romagna
36|Friuli-Venezia Giulia
62|Lazio||Latium
42|Liguria
25|Lombardia||Lombardy|Lombardei
57|Marche
67|Molise
21|Piemonte||Piedmont
75|Puglia||Apulia
88|Sardegna||Sardinia
82|Sicilia||Sicily
52|Toscana||Tuscany|Toskana
32|Trentino-Alto Adige||Südtirol|Trentino-South Tyrol|Trentino-Alto Adige/Südtirol|Alto Adige
55|Umbria
23|Valle d'Aosta||Aosta Valley|Vallée d'Aoste
34|Veneto
[ES]
AN|Andalucía||Andalusia
AR|Aragón
AS|Asturias||Principado de Asturias
CN|Canarias||Canary Islands|Islas Canarias
CB|Cantabria
CL|Castilla y León||Castile and León
CM|Castilla-La Mancha||Castilla La Mancha
CT|Catalunya||Cataluña|Catalonia
CE|Ceuta
EX|Extremadura
GA|Galicia
IB|Illes Balears||Balearic Islands|Islas Baleares|Baleares
RI|La Rioja
MD|Madrid||Comunidad de Madrid|Community of Madrid
ML|Melilla
MC|Murcia||Región de Murcia
NC|Navarra||Comunidad Foral de Navarra|Nafarroa
PV|País Vasco||Euskadi|Basque Country
VC|Comunidad Valenciana||Comunitat Valenciana|Valencian Community
[NL]
DR|Drenthe
FL|Flevoland
FR|Fryslân||Friesland
GE|Gelderland
GR|Groningen
LI|Limburg
NB|Noord-Brabant||North Brabant|Brabant
NH|Noord-Holland||North Holland
OV|Overijssel
UT|Utrecht
ZE|Zeeland
ZH|Zuid-Holland||South Holland
[GB]
ENG|England||イングランド
NIR|Northern Ireland||北アイルランド
SCT|Scotland||スコットランド|Alba
WLS|Wales||ウェールズ|Cymru
[JP]
01|Hokkaido|北海道
02|Aomori|青森県
03|Iwate|岩手県
04|Miyagi|宮城県
05|Akita|秋田県
06|Yamagata|山形県
07|Fukushima|福島県
08|Ibaraki|茨城県
09|Tochigi|栃木県
10|Gunma|群馬県|Gumma
11|Saitama|埼玉県
12|Chiba|千葉県
13|Tokyo|東京都|Toukyou|Tokyo Metropolis|Tōkyō Metropolitan
14|Kanagawa|神奈川県
15|Niigata|新潟県
16|Toyama|富山県
17|Ishikawa|石川県
18|Fukui|福井県
19|Yamanashi|山梨県
20|Nagano|長野県
21|Gifu|岐阜県
22|Shizuoka|静岡県
23|Aichi|愛知県
24|Mie|三重県
25|Shiga|滋賀県
26|Kyoto|京都府|Kyouto
27|Osaka|大阪府|Oosaka|Ohsaka
28|Hyogo|兵庫県|Hyougo
29|Nara|奈良県
30|Wakayama|和歌山県
31|Tottori|鳥取県
32|Shimane|島根県
33|Okayama|岡山県
34|Hiroshima|広島県
35|Yamaguchi|山口県
36|Tokushima|徳島県
37|Kagawa|香川県
38|Ehime|愛媛県
39|Kochi|高知県|Kouchi
40|Fukuoka|福岡県
41|Saga|佐賀県
42|Nagasaki|長崎県
43|Kumamoto|熊本県
44|Oita|大分県|Ohita|Ooita
45|Miyazaki|宮崎県
46|Kagoshima|鹿児島県
47|Okinawa|沖縄県
"""
