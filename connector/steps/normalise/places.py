"""The language and the time zone of people by the country they are in, and by its region where that decides.

Only where most people of a country have one: Switzerland has no language here, the United States no time zone.
"""

from __future__ import annotations

from functools import cache, lru_cache

from connector.steps.normalise.regions import region_code

_LANGUAGES = """
ar AE BH DZ EG JO KW LB LY OM PS QA SA SD SY TN YE
bg BG
bn BD
bs BA
cs CZ
da DK
de AT DE LI
el GR CY
en AG AI AU BB BM BS BZ DM FK GB GD GG GH GI GM GU GY IE IM JE JM KN KY LC LR MS NG NZ SH SL TC TT UM US VC VG VI ZM
es AR CL CO CR CU DO EC ES GT HN MX NI PA PE PR SV UY VE
et EE
fa IR
fi FI
fo FO
fr BF BJ BL CG CI FR GA GF GN GP MC MF MQ NC NE PF PM RE SN TG WF YT
he IL
hr HR
hu HU
hy AM
id ID
is IS
it IT SM VA
ja JP
ka GE
kk KZ
km KH
ko KP KR
lo LA
lt LT
lv LV
mk MK
mn MN
ms MY
my MM
nb NO SJ
ne NP
nl AW CW NL SR
pl PL
pt AO BR CV MZ PT ST
ro MD RO
ru RU
sk SK
sl SI
sq AL
sr RS
sv AX SE
tg TJ
th TH
tk TM
tr TR
uk UA
uz UZ
vi VN
zh CN HK MO TW
"""
#: What a region says where its country leaves it open. Cantons and provinces of two languages are not here.
_LANGUAGES_OF_REGIONS = """
de CH-AG CH-AI CH-AR CH-BL CH-BS CH-GL CH-LU CH-NW CH-OW CH-SG CH-SH CH-SO CH-SZ CH-TG CH-UR CH-ZG CH-ZH
en CA-AB CA-BC CA-MB CA-NL CA-NS CA-ON CA-PE CA-SK CA-YT
fr CA-QC CH-GE CH-JU CH-NE CH-VD
it CH-TI
"""

_ZONES = """
Africa AO Luanda BF Ouagadougou BI Bujumbura BJ Porto-Novo BW Gaborone CF Bangui CG Brazzaville CI Abidjan CM Douala
Africa DJ Djibouti DZ Algiers EG Cairo EH El_Aaiun ER Asmara ET Addis_Ababa GA Libreville GH Accra GM Banjul
Africa GN Conakry GQ Malabo GW Bissau KE Nairobi LR Monrovia LS Maseru LY Tripoli MA Casablanca ML Bamako
Africa MR Nouakchott MW Blantyre MZ Maputo NA Windhoek NE Niamey NG Lagos RW Kigali SD Khartoum SL Freetown SN Dakar
Africa SO Mogadishu SS Juba ST Sao_Tome SZ Mbabane TD Ndjamena TG Lome TN Tunis TZ Dar_es_Salaam UG Kampala
Africa ZA Johannesburg ZM Lusaka ZW Harare
America AG Antigua AI Anguilla AR Argentina/Buenos_Aires AW Aruba BB Barbados BL St_Barthelemy BO La_Paz
America BQ Kralendijk BS Nassau BZ Belize CL Santiago CO Bogota CR Costa_Rica CU Havana CW Curacao DM Dominica
America DO Santo_Domingo EC Guayaquil GD Grenada GF Cayenne GP Guadeloupe GT Guatemala GY Guyana HN Tegucigalpa
America HT Port-au-Prince JM Jamaica KN St_Kitts KY Cayman LC St_Lucia MF Marigot MQ Martinique MS Montserrat
America NI Managua PA Panama PE Lima PM Miquelon PR Puerto_Rico PY Asuncion SR Paramaribo SV El_Salvador
America SX Lower_Princes TC Grand_Turk TT Port_of_Spain UY Montevideo VC St_Vincent VE Caracas VG Tortola
America VI St_Thomas
Asia AE Dubai AF Kabul AM Yerevan AZ Baku BD Dhaka BH Bahrain BN Brunei BT Thimphu CN Shanghai CY Nicosia GE Tbilisi
Asia HK Hong_Kong IL Jerusalem IN Kolkata IQ Baghdad IR Tehran JO Amman JP Tokyo KG Bishkek KH Phnom_Penh
Asia KP Pyongyang KR Seoul KW Kuwait LA Vientiane LB Beirut LK Colombo MM Yangon MO Macau MY Kuala_Lumpur
Asia NP Kathmandu OM Muscat PH Manila PK Karachi PS Hebron QA Qatar SA Riyadh SG Singapore SY Damascus TH Bangkok
Asia TJ Dushanbe TL Dili TM Ashgabat TW Taipei UZ Tashkent VN Ho_Chi_Minh YE Aden
Atlantic BM Bermuda CV Cape_Verde FK Stanley FO Faroe GS South_Georgia IS Reykjavik SH St_Helena
Europe AD Andorra AL Tirane AT Vienna AX Mariehamn BA Sarajevo BE Brussels BG Sofia BY Minsk CH Zurich CZ Prague
Europe DE Berlin DK Copenhagen EE Tallinn ES Madrid FI Helsinki FR Paris GB London GG Guernsey GI Gibraltar GR Athens
Europe HR Zagreb HU Budapest IE Dublin IM Isle_of_Man IT Rome JE Jersey LI Vaduz LT Vilnius LU Luxembourg LV Riga
Europe MC Monaco MD Chisinau ME Podgorica MK Skopje MT Malta NL Amsterdam NO Oslo PL Warsaw PT Lisbon RO Bucharest
Europe RS Belgrade SE Stockholm SI Ljubljana SK Bratislava SM San_Marino TR Istanbul UA Kyiv VA Vatican
Indian CC Cocos CX Christmas IO Chagos KM Comoro MG Antananarivo MU Mauritius MV Maldives RE Reunion SC Mahe
Indian YT Mayotte
Pacific AS Pago_Pago CK Rarotonga FJ Fiji GU Guam MH Majuro MP Saipan NC Noumea NF Norfolk NR Nauru NU Niue NZ Auckland
Pacific PN Pitcairn PW Palau SB Guadalcanal TK Fakaofo TO Tongatapu TV Funafuti VU Efate WF Wallis WS Apia
"""
#: By region; those that lie in two zones and have a big city in each are not here.
_ZONES_OF_REGIONS = """
America/Anchorage US-AK
America/Chicago US-AL US-AR US-IA US-IL US-KS US-LA US-MN US-MO US-MS US-OK US-TX US-WI
America/Denver US-CO US-MT US-NM US-UT US-WY
America/Detroit US-MI
America/Edmonton CA-AB CA-NT
America/Halifax CA-NS CA-PE
America/Los_Angeles US-CA US-NV US-OR US-WA
America/Moncton CA-NB
America/New_York US-CT US-DC US-DE US-FL US-GA US-MA US-MD US-ME US-NC US-NH US-NJ US-NY US-OH US-PA US-RI US-SC US-VA
America/New_York US-VT US-WV
America/Phoenix US-AZ
America/Puerto_Rico US-PR
America/Regina CA-SK
America/St_Johns CA-NL
America/St_Thomas US-VI
America/Toronto CA-ON CA-QC
America/Vancouver CA-BC
America/Whitehorse CA-YT
America/Winnipeg CA-MB
Atlantic/Canary ES-CN
Australia/Adelaide AU-SA
Australia/Brisbane AU-QLD
Australia/Darwin AU-NT
Australia/Hobart AU-TAS
Australia/Melbourne AU-VIC
Australia/Perth AU-WA
Australia/Sydney AU-ACT AU-NSW
Pacific/Guam US-GU
Pacific/Honolulu US-HI
Pacific/Pago_Pago US-AS
Pacific/Saipan US-MP
"""


def _table(text: str) -> dict[str, str]:
    lines = (line.split() for line in text.splitlines() if line)
    return {place: word for word, *places in lines for place in places}


def _cities() -> dict[str, str]:
    found = {}
    for line in _ZONES.strip().splitlines():
        part, *words = line.split()
        found.update({code: f"{part}/{city}" for code, city in zip(words[::2], words[1::2], strict=True)})
    return found


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Language and zone by country, and by code of a region."""
    return _table(_LANGUAGES + _LANGUAGES_OF_REGIONS), _cities() | _table(_ZONES_OF_REGIONS)


@lru_cache(maxsize=4096)
def language_and_zone(country: str, region: str = "") -> tuple[str, str]:
    """(ISO 639-1 code, IANA time zone) of people in a country (ISO code) and region; "" for what is not decided."""
    languages, zones = _known()
    code = region_code(region, country) if region else ""
    return (
        languages.get(code) or languages.get(country, ""),
        zones.get(code) or zones.get(country, ""),
    )
