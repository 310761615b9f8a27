"""Countries by the names that people, forms and exports give them.

A line is the ISO 3166 code, the three-letter code, then names: English, Japanese, those of the
country's own languages, and what is written in their place.
"""

from __future__ import annotations

NAMES = """
AD|AND|Andorra|アンドラ
AE|ARE|United Arab Emirates|アラブ首長国連邦|الإمارات العربية المتحدة|UAE|U.A.E.|Emirates|アラブ首長国連邦 (UAE)
AF|AFG|Afghanistan|アフガニスタン|افغانستان|Owganystan
AG|ATG|Antigua & Barbuda|アンティグア・バーブーダ
AI|AIA|Anguilla|アンギラ
AL|ALB|Albania|アルバニア|Shqipëri
AM|ARM|Armenia|アルメニア|Հայաստան
AO|AGO|Angola|アンゴラ
AR|ARG|Argentina|アルゼンチン
AS|ASM|American Samoa|米領サモア
AT|AUT|Austria|オーストリア|Österreich|Oesterreich
AU|AUS|Australia|オーストラリア|濠州|豪州
AW|ABW|Aruba|アルバ
AX|ALA|Åland Islands|オーランド諸島|Åland|Aland
AZ|AZE|Azerbaijan|アゼルバイジャン|Azərbaycan|Азәрбајҹан
BA|BIH|Bosnia & Herzegovina|ボスニア・ヘルツェゴビナ|Босна и Херцеговина|Bosna i Hercegovina|Bosnia|\
Bosnia Herzegovina
BB|BRB|Barbados|バルバドス
BD|BGD|Bangladesh|バングラデシュ|বাংলাদেশ
BE|BEL|Belgium|ベルギー|België|Belgique|Belgien
BF|BFA|Burkina Faso|ブルキナファソ
BG|BGR|Bulgaria|ブルガリア|България|Bulgarien
BH|BHR|Bahrain|バーレーン|البحرين
BI|BDI|Burundi|ブルンジ|Uburundi
BJ|BEN|Benin|ベナン|Bénin
BL|BLM|St. Barthélemy|サン・バルテルミー|Saint-Barthélemy
BM|BMU|Bermuda|バミューダ
BN|BRN|Brunei|ブルネイ|بروني|Brunei Darussalam
BO|BOL|Bolivia|ボリビア|Bolivia, Plurinational State of
BQ|BES|Caribbean Netherlands|オランダ領カリブ|Caribisch Nederland
BR|BRA|Brazil|ブラジル|Brasil
BS|BHS|Bahamas|バハマ
BT|BTN|Bhutan|ブータン|འབྲུག
BW|BWA|Botswana|ボツワナ
BY|BLR|Belarus|ベラルーシ|Беларусь|ベラルーシ共和国|Belarus, Republic of
BZ|BLZ|Belize|ベリーズ
CA|CAN|Canada|カナダ
CC|CCK|Cocos (Keeling) Islands|ココス(キーリング)諸島
CD|COD|Congo - Kinshasa|コンゴ民主共和国(キンシャサ)|Congo-Kinshasa|Jamhuri ya Kidemokrasia ya Kongo|\
Republíki ya Kongó Demokratíki|DR Congo|DRC|Democratic Republic of the Congo|Congo, The Democratic Republic of the|\
コンゴ民主共和国
CF|CAF|Central African Republic|中央アフリカ共和国|Ködörösêse tî Bêafrîka|République centrafricaine
CG|COG|Congo - Brazzaville|コンゴ共和国(ブラザビル)|Congo-Brazzaville|Republic of the Congo|Congo Republic|\
コンゴ共和国
CH|CHE|Switzerland|スイス|Schweiz|Schwiiz|Suisse|Svizzera|Schweiz / Suisse / Svizzera|Confoederatio Helvetica|\
Swiss Confederation
CI|CIV|Côte d’Ivoire|コートジボワール|Ivory Coast|Cote d'Ivoire
CK|COK|Cook Islands|クック諸島
CL|CHL|Chile|チリ
CM|CMR|Cameroon|カメルーン|Cameroun
CN|CHN|China|中国|People's Republic of China|PRC|P.R. China|Mainland China|中華人民共和国|中国大陆|中國
CO|COL|Colombia|コロンビア
CR|CRI|Costa Rica|コスタリカ
CU|CUB|Cuba|キューバ
CV|CPV|Cape Verde|カーボベルデ|Cabo Verde
CW|CUW|Curaçao|キュラソー|Kòrsou
CX|CXR|Christmas Island|クリスマス島
CY|CYP|Cyprus|キプロス|Κύπρος|Kıbrıs
CZ|CZE|Czechia|チェコ|Česko|Czech Republic|Česká republika|Tschechien|チェコ共和国
DE|DEU|Germany|ドイツ|Deutschland|Federal Republic of Germany|Bundesrepublik Deutschland|BRD|Allemagne|Alemania|\
Germania|ドイツ連邦共和国
DJ|DJI|Djibouti|ジブチ|جيبوتي
DK|DNK|Denmark|デンマーク|Danmark|Kingdom of Denmark
DM|DMA|Dominica|ドミニカ国
DO|DOM|Dominican Republic|ドミニカ共和国|República Dominicana
DZ|DZA|Algeria|アルジェリア|الجزائر|Algérie
EC|ECU|Ecuador|エクアドル
EE|EST|Estonia|エストニア|Eesti
EG|EGY|Egypt|エジプト|مصر|Arab Republic of Egypt
EH|ESH|Western Sahara|西サハラ|الصحراء الغربية
ER|ERI|Eritrea|エリトリア|ኤርትራ|إريتريا
ES|ESP|Spain|スペイン|España|Espanya|Espainia|Spanien|Espagne|Kingdom of Spain
ET|ETH|Ethiopia|エチオピア|ኢትዮጵያ
FI|FIN|Finland|フィンランド|Suomi|Finnland
FJ|FJI|Fiji|フィジー
FK|FLK|Falkland Islands|フォークランド諸島
FM|FSM|Micronesia|ミクロネシア連邦|Micronesia, Federated States of
FO|FRO|Faroe Islands|フェロー諸島|Føroyar
FR|FRA|France|フランス|Frankreich|Francia|French Republic|仏国
GA|GAB|Gabon|ガボン
GB|GBR|United Kingdom|イギリス|Y Deyrnas Unedig|an Ríocht Aontaithe|An Rìoghachd Aonaichte|UK|U.K.|Great Britain|\
Britain|England|Scotland|Wales|Northern Ireland|United Kingdom of Great Britain and Northern Ireland|Großbritannien|\
Vereinigtes Königreich|Royaume-Uni|Reino Unido|英国|イングランド|スコットランド|ウェールズ|グレートブリテン
GD|GRD|Grenada|グレナダ
GE|GEO|Georgia|ジョージア|საქართველო|グルジア
GF|GUF|French Guiana|仏領ギアナ|Guyane française
GG|GGY|Guernsey|ガーンジー
GH|GHA|Ghana|ガーナ|Gaana
GI|GIB|Gibraltar|ジブラルタル
GL|GRL|Greenland|グリーンランド|Kalaallit Nunaat
GM|GMB|Gambia|ガンビア
GN|GIN|Guinea|ギニア|Guinée
GP|GLP|Guadeloupe|グアドループ
GQ|GNQ|Equatorial Guinea|赤道ギニア|Guinea Ecuatorial|Guinée équatoriale|Guiné Equatorial
GR|GRC|Greece|ギリシャ|Ελλάδα|EL|Hellas|Hellenic Republic
GS|SGS|South Georgia & South Sandwich Islands|サウスジョージア・サウスサンドウィッチ諸島
GT|GTM|Guatemala|グアテマラ
GU|GUM|Guam|グアム
GW|GNB|Guinea-Bissau|ギニアビサウ|Guiné-Bissau
GY|GUY|Guyana|ガイアナ
HK|HKG|Hong Kong SAR China|中華人民共和国香港特別行政区|中國香港特別行政區|Hong Kong|Hongkong|HKSAR|香港
HN|HND|Honduras|ホンジュラス
HR|HRV|Croatia|クロアチア|Hrvatska|Republic of Croatia
HT|HTI|Haiti|ハイチ|Haïti
HU|HUN|Hungary|ハンガリー|Magyarország|Ungarn
ID|IDN|Indonesia|インドネシア|Republic of Indonesia
IE|IRL|Ireland|アイルランド|Éire|Republic of Ireland|Eire
IL|ISR|Israel|イスラエル|ישראל|إسرائيل|State of Israel
IM|IMN|Isle of Man|マン島|Ellan Vannin
IN|IND|India|インド|भारत|ভারত|భారతదేశం|Bharat|Republic of India
IO|IOT|British Indian Ocean Territory|英領インド洋地域
IQ|IRQ|Iraq|イラク|العراق|عێراق
IR|IRN|Iran|イラン|ایران|Iran, Islamic Republic of|Islamic Republic of Iran
IS|ISL|Iceland|アイスランド|Ísland
IT|ITA|Italy|イタリア|Italia|Italie|Italien|Italian Republic
JE|JEY|Jersey|ジャージー
JM|JAM|Jamaica|ジャマイカ
JO|JOR|Jordan|ヨルダン|الأردن
JP|JPN|Japan|日本|Nippon|Nihon|日本国|にほん|ニッポン|ジャパン|Japon|Japón|Giappone|Japão
KE|KEN|Kenya|ケニア
KG|KGZ|Kyrgyzstan|キルギス|Кыргызстан|Киргизия
KH|KHM|Cambodia|カンボジア|កម្ពុជា
KI|KIR|Kiribati|キリバス
KM|COM|Comoros|コモロ|جزر القمر|Comores
KN|KNA|St. Kitts & Nevis|セントクリストファー・ネーヴィス
KP|PRK|North Korea|北朝鮮|북한|Democratic People's Republic of Korea|Korea, Democratic People's Republic of|DPRK|\
Korea, North|朝鮮民主主義人民共和国
KR|KOR|South Korea|韓国|대한민국|Republic of Korea|Korea, Republic of|Korea, South|Korea (South)|Korea|S. Korea|ROK|\
大韓民国|한국
KW|KWT|Kuwait|クウェート|الكويت
KY|CYM|Cayman Islands|ケイマン諸島|Caymans
KZ|KAZ|Kazakhstan|カザフスタン|Казахстан|Қазақстан
LA|LAO|Laos|ラオス|ລາວ|Lao People's Democratic Republic|Lao PDR
LB|LBN|Lebanon|レバノン|لبنان
LC|LCA|St. Lucia|セントルシア
LI|LIE|Liechtenstein|リヒテンシュタイン|Liächteschtäi
LK|LKA|Sri Lanka|スリランカ|ශ්‍රී ලංකාව|இலங்கை
LR|LBR|Liberia|リベリア
LS|LSO|Lesotho|レソト
LT|LTU|Lithuania|リトアニア|Lietuva
LU|LUX|Luxembourg|ルクセンブルク|Lëtzebuerg|Luxemburg
LV|LVA|Latvia|ラトビア|Latvija
LY|LBY|Libya|リビア|ليبيا
MA|MAR|Morocco|モロッコ|المغرب|Maroc
MC|MCO|Monaco|モナコ
MD|MDA|Moldova|モルドバ|Republica Moldova|Moldova, Republic of|Republic of Moldova
ME|MNE|Montenegro|モンテネグロ|Crna Gora
MF|MAF|St. Martin|サン・マルタン|Saint-Martin
MG|MDG|Madagascar|マダガスカル|Madagasikara
MH|MHL|Marshall Islands|マーシャル諸島
MK|MKD|North Macedonia|北マケドニア|Северна Македонија|Maqedonia e Veriut|Macedonia|FYROM
ML|MLI|Mali|マリ
MM|MMR|Myanmar (Burma)|ミャンマー (ビルマ)|မြန်မာ|Myanmar|Burma|ビルマ
MN|MNG|Mongolia|モンゴル|Монгол
MO|MAC|Macao SAR China|中華人民共和国マカオ特別行政区|中國澳門特別行政區|Macau, RAE da China|Macau|Macao|マカオ|澳門
MP|MNP|Northern Mariana Islands|北マリアナ諸島|Saipan
MQ|MTQ|Martinique|マルティニーク
MR|MRT|Mauritania|モーリタニア|موريتانيا
MS|MSR|Montserrat|モントセラト
MT|MLT|Malta|マルタ
MU|MUS|Mauritius|モーリシャス|Maurice
MV|MDV|Maldives|モルディブ|ދިވެހި ރާއްޖެ
MW|MWI|Malawi|マラウイ
MX|MEX|Mexico|メキシコ|México|Mexiko|Mexique
MY|MYS|Malaysia|マレーシア|Malaysien
MZ|MOZ|Mozambique|モザンビーク|Moçambique
NA|NAM|Namibia|ナミビア
NC|NCL|New Caledonia|ニューカレドニア|Nouvelle-Calédonie
NE|NER|Niger|ニジェール
NF|NFK|Norfolk Island|ノーフォーク島
NG|NGA|Nigeria|ナイジェリア|Nàìjíríà
NI|NIC|Nicaragua|ニカラグア
NL|NLD|Netherlands|オランダ|Nederland|Nederlân|The Netherlands|Holland|Niederlande|Pays-Bas|Países Bajos|和蘭
NO|NOR|Norway|ノルウェー|Norge|Noreg|Norga|Norwegen
NP|NPL|Nepal|ネパール|नेपाल
NR|NRU|Nauru|ナウル
NU|NIU|Niue|ニウエ
NZ|NZL|New Zealand|ニュージーランド|Aotearoa|N.Z.|Neuseeland
OM|OMN|Oman|オマーン|عُمان
PA|PAN|Panama|パナマ|Panamá
PE|PER|Peru|ペルー|Perú
PF|PYF|French Polynesia|仏領ポリネシア|Polynésie française
PG|PNG|Papua New Guinea|パプアニューギニア|Papua Niugini
PH|PHL|Philippines|フィリピン|Pilipinas|The Philippines|Republic of the Philippines
PK|PAK|Pakistan|パキスタン|پاکستان
PL|POL|Poland|ポーランド|Polska|Republic of Poland
PM|SPM|St. Pierre & Miquelon|サンピエール島・ミクロン島|Saint-Pierre-et-Miquelon
PN|PCN|Pitcairn Islands|ピトケアン諸島
PR|PRI|Puerto Rico|プエルトリコ
PS|PSE|Palestinian Territories|パレスチナ自治区|الأراضي الفلسطينية|Palestine|Palestine, State of|State of Palestine|\
パレスチナ
PT|PRT|Portugal|ポルトガル|Portuguese Republic
PW|PLW|Palau|パラオ
PY|PRY|Paraguay|パラグアイ|Paraguai
QA|QAT|Qatar|カタール|قطر
RE|REU|Réunion|レユニオン|La Réunion
RO|ROU|Romania|ルーマニア|România|Rumänien
RS|SRB|Serbia|セルビア|Srbija|Србија
RU|RUS|Russia|ロシア|Россия|Russian Federation|Rossiya|Russland|ロシア連邦
RW|RWA|Rwanda|ルワンダ|U Rwanda
SA|SAU|Saudi Arabia|サウジアラビア|المملكة العربية السعودية|KSA|Kingdom of Saudi Arabia
SB|SLB|Solomon Islands|ソロモン諸島
SC|SYC|Seychelles|セーシェル
SD|SDN|Sudan|スーダン|السودان
SE|SWE|Sweden|スウェーデン|Sverige|Schweden
SG|SGP|Singapore|シンガポール|新加坡|Singapura|சிங்கப்பூர்|Republic of Singapore
SH|SHN|St. Helena|セントヘレナ
SI|SVN|Slovenia|スロベニア|Slovenija
SJ|SJM|Svalbard & Jan Mayen|スバールバル諸島・ヤンマイエン島|Svalbard og Jan Mayen
SK|SVK|Slovakia|スロバキア|Slovensko|Slovak Republic
SL|SLE|Sierra Leone|シエラレオネ
SM|SMR|San Marino|サンマリノ
SN|SEN|Senegal|セネガル|Senegaal|Sénégal
SO|SOM|Somalia|ソマリア|Soomaaliya|الصومال
SR|SUR|Suriname|スリナム
SS|SSD|South Sudan|南スーダン
ST|STP|São Tomé & Príncipe|サントメ・プリンシペ|São Tomé e Príncipe
SV|SLV|El Salvador|エルサルバドル
SX|SXM|Sint Maarten|シント・マールテン|Sint-Maarten
SY|SYR|Syria|シリア|سوريا|Syrian Arab Republic
SZ|SWZ|Eswatini|エスワティニ|eSwatini|Swaziland
TC|TCA|Turks & Caicos Islands|タークス・カイコス諸島
TD|TCD|Chad|チャド|تشاد|Tchad
TF|ATF|French Southern Territories|仏領極南諸島
TG|TGO|Togo|トーゴ
TH|THA|Thailand|タイ|ไทย|タイ王国|Prathet Thai
TJ|TJK|Tajikistan|タジキスタン|Тоҷикистон
TK|TKL|Tokelau|トケラウ
TL|TLS|Timor-Leste|東ティモール|East Timor
TM|TKM|Turkmenistan|トルクメニスタン|Türkmenistan
TN|TUN|Tunisia|チュニジア|تونس|Tunisie
TO|TON|Tonga|トンガ
TR|TUR|Türkiye|トルコ|Turkey|Turkiye|Türkei|トルコ共和国
TT|TTO|Trinidad & Tobago|トリニダード・トバゴ
TV|TUV|Tuvalu|ツバル
TW|TWN|Taiwan|台湾|台灣|Taiwan, Province of China|Taiwan (Republic of China)|Republic of China|ROC|R.O.C.|中華民国|\
中華民國|臺灣
TZ|TZA|Tanzania|タンザニア|Tanzania, United Republic of|United Republic of Tanzania
UA|UKR|Ukraine|ウクライナ|Україна|Ukraina|Ukrayina
UG|UGA|Uganda|ウガンダ
UM|UMI|U.S. Outlying Islands|合衆国領有小離島
US|USA|United States|アメリカ合衆国|Estados Unidos|U.S.A.|U.S.|United States of America|America|USofA|\
Estados Unidos de América|Vereinigte Staaten|Vereinigte Staaten von Amerika|États-Unis|Etats-Unis|Stati Uniti|\
アメリカ|米国|合衆国|美国
UY|URY|Uruguay|ウルグアイ
UZ|UZB|Uzbekistan|ウズベキスタン|Oʻzbekiston|Ўзбекистон
VA|VAT|Vatican City|バチカン市国|Città del Vaticano|Holy See|Vatican
VC|VCT|St. Vincent & Grenadines|セントビンセント及びグレナディーン諸島
VE|VEN|Venezuela|ベネズエラ|Venezuela, Bolivarian Republic of
VG|VGB|British Virgin Islands|英領ヴァージン諸島|Virgin Islands, British
VI|VIR|U.S. Virgin Islands|米領ヴァージン諸島|Virgin Islands, U.S.|US Virgin Islands
VN|VNM|Vietnam|ベトナム|Việt Nam|Viet Nam|ヴェトナム|Socialist Republic of Vietnam
VU|VUT|Vanuatu|バヌアツ
WF|WLF|Wallis & Futuna|ウォリス・フツナ|Wallis-et-Futuna
WS|WSM|Samoa|サモア
XK|XKK|Kosovo|コソボ|Kosovë|Косово|Republic of Kosovo
YE|YEM|Yemen|イエメン|اليمن
YT|MYT|Mayotte|マヨット
ZA|ZAF|South Africa|南アフリカ|iNingizimu Afrika|EMzantsi Afrika|Suid-Afrika|Republic of South Africa|RSA|Südafrika|\
南アフリカ共和国
ZM|ZMB|Zambia|ザンビア
ZW|ZWE|Zimbabwe|ジンバブエ
"""
