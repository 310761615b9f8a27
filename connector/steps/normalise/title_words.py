"""Words of job titles that say a level or a function: English, Japanese, German, French, Spanish, Italian, Dutch.

Each table is read from the top and the first word found decides, so what is more special stands
first: `vice president` before `president`, 社長室 (the president's office) before 社長. Latin words are
without accents, points and apostrophes, as the titles are when they are compared with them.
"""

from __future__ import annotations

#: (what it says, patterns of the words that say it), in the order in which they are tried.
Words = tuple[tuple[str, tuple[str, ...]], ...]


def _table(text: str) -> Words:
    """A table out of lines `word: pattern | pattern`; a line that begins with a bar goes on."""
    lines = text.strip().replace("\n    |", " |").splitlines()
    pairs = (line.partition(": ") for line in lines)
    return tuple((word.strip("-"), tuple(patterns.split(" | "))) for word, _, patterns in pairs)


_OFFICERS = (
    r"ceo|c[fotmi]o|[se]?vp|president|vice president|director|head|board|chair\w*|chief|executives?|owner|founder"
)
#: What is done with partners by people who are none.
_WITH_PARTNERS = (
    "account|manager|success|sales|marketing|develop|relation|program|enablement|operation|alliance|engineer|solution"
    "|ecosystem|director|lead"
)

# An assistant of an officer is none, nor is an office that is named after one, nor who reports to one:
# the words of `-` are taken out before the search goes on.
LEVELS_LATIN = _table(rf"""
staff: executive assistant | personal assistant | virtual assistant | administrative assistant | management assistant
    | assistant (?:to|of|for) | assistante? (?:de|du|des) | [a-z]+s (?:assistant|secretary|pa) | pa to | ea to
    | assistent\w* | assistenz | assistante | asistente | secretary | secretari[ao] | segretari[ao] | secretaire
    | secretaresse | sekretar\w* | account executive | sales executive | marketing executive | office manager
    | intern | trainee | apprentice | apprentie? | alternante? | stagiaire? | becari[ao] | practicante | tirocinante
    | auszubildende\w* | azubi | praktikant(?:in)? | student | werkstudent(?:in)? | product owner | process owner
    | business owner | (?:business|people|talent) partner
-: (?:office|buro|bureau|ufficio|oficina) (?:of|des|der|du|de la|de|del|dell\w*) .*
    | (?:ceo|cfo|cto|coo|vp|president|director|chairman|chairwoman)s office(?: manager)?
    | (?:reporting|reports) to .* | to (?:the |our |a )?(?:\w+ ){{0,2}}?(?:{_OFFICERS})\b.* | principal(?= \w)
    | lead(?= (?:gen|nurtur|management|qualif|scor)) | partners?(?= (?:{_WITH_PARTNERS}))
    | (?:channel|sales|technology|alliance|solution|service|delivery) partners?
director: chief of staff | chief (?:engineer|accountant|architect|editor|scientist|economist|buyer|nurse|technician)
manager: sub ?director(?:a)? | sous directeur | stellv\w* (?:\w+ )?leit\w* | team leit\w* | gruppen leit\w*
    | projekt leit\w* | filial leit\w* | schicht leit\w* | bau leit\w* | markt leit\w*
vp: directeur general adjoint | directrice generale adjointe
c_level: director(?:a)? general | director(?:a)? ejecutiv[oa] | gerente general | directeur general
    | directrice generale | direttore generale | direttrice generale | algemeen directeur | directeur eigenaar
vp: vp | svp | evp | avp | gvp | vice ?president\w* | vize ?pra(?:e)?sident\w* | general manager | bereichs leit\w*
c_level: c[etfmiopsrd]o | ciso | chro | cxo | cdo | cco | chief | president(?:e|a|in)? | pra(?:e)?sident(?:in)?
    | founder | co ?founder | owner | proprietor | chair(?:man|woman|person)? | managing (?:director|partner)
    | gescha(?:e)?ftsf(?:u|ue)hr\w* | gescha(?:e)?fts leit\w* | vorstand\w* | inhaber(?:in)? | gr(?:u|ue)nder(?:in)?
    | mitgr(?:u|ue)nder(?:in)? | gesellschafter\w* | gerante? | pdg | dg | dirigeante? | fondat(?:eur|rice|ore)
    | cofondat(?:eur|rice|ore) | chef dentreprise | consejer[oa] delegad[oa] | administrador(?:a)? unic[oa]
    | propietari[oa] | soci[oa] | fundador(?:a)? | cofundador(?:a)? | duen[oa]
    | amministrat(?:ore|rice) (?:delegat|unic)[oa] | titolare | eigena(?:ar|resse) | zaakvoerder | bestuurder
    | oprichter | partner | principal | member of the board | board member
director: director(?:a)? | dir | head | dean | hoofd | prokurist(?:in)? | leit(?:er|erin|ung) | direktor(?:in)?
    | directeur | directrice | direttore | direttrice | drh | dsi | daf
manager: manager(?:in)? | mgr | supervisor\w? | team ?lead(?:er)? | lead | leader | foreman | superintendent
    | responsable | cheffe | chef | controller | gerente | jef[ea] | encargad[oa] | responsabile | capo
    | capo(?:area|reparto|ufficio|progetto|squadra) | leid(?:er|ster) | verantwoordelijke
staff: assistant | associate | specialist\w? | engineer | developer | analyst\w? | coordinator | representative | rep
    | consultant\w? | clerk | designer | administrator | officer | accountant | technician | programmer | scientist
    | architect | teacher | buyer | researcher | advisor | adviser | agent | planner | writer | editor | nurse
    | lecturer | professor | freelancer | employee | staff | sdr | bdr | salesperson | salesman | worker | operator
    | member | sachbearbeiter(?:in)? | mitarbeiter(?:in)? | referent(?:in)? | berater(?:in)? | entwickler(?:in)?
    | ingenieur\w* | spezialist(?:in)? | angestellte\w? | kaufmann | kauffrau | techniker(?:in)? | buchhalter(?:in)?
    | chargee? d\w* | conseill(?:er|ere) | employee? | technicien(?:ne)? | developpeu(?:r|se) | acheteu(?:r|se)
    | vendeu(?:r|se) | comptable | commerciale? | analyste | ingenier[oa] | comercial | contable | emplead[oa]
    | tecnic[oa] | analista | desarrollador(?:a)? | comprador(?:a)? | vendedor(?:a)? | consultor(?:a)?
    | coordinador(?:a)? | gestor(?:a)? | ases[oa]r | ingegnere | impiegat[oa] | addett[oa] | sviluppat(?:ore|rice)
    | consulente | ragionier[ea] | venditore | medewerk(?:er|ster) | adviseur | ontwikkelaar | inkoper | verkoper
    | boekhouder | beheerder
""")

_TITLES_JAPANESE = "代表|取締役|副?社長|会長|専務|常務|執行役|本?部長|次長|課長|係長|主任|室長|所長|支?店長|工場長|局長"

LEVELS_JAPANESE = _table(rf"""
staff: 秘書 | アシスタント | インターン | 学生 | アルバイト | パート | 派遣 | (?:社長|会長|役員|部長|専務)付
-: (?:社長|会長|役員|部長|所長|[a-z]{{3}})室(?!長) | 取締役会 | (?:{_TITLES_JAPANESE})候補
    | (?:元|前)(?:{_TITLES_JAPANESE}).*
manager: (?:社長|会長|役員|秘書)室長
c_level: 取締役
vp: 執行役員 | 本部長 | 事業部長 | 統括部長 | 支社長
c_level: 代表社員 | 代表理事 | 代表執行役 | 代表者 | 代表 | 副社長 | 社長 | 会長 | 理事長 | 専務 | 常務 | 執行役
    | 監査役 | オーナー | 創業者 | 経営者 | 最高.{{1,8}}責任者 | 院長 | 学長 | 店主 | 個人事業主
manager: 部長代理 | 部長補佐 | 副部長 | 次長 | 担当部長代理
director: 部長 | ディレクター | 所長 | 支店長 | 工場長 | 局長 | 部門長 | センター長 | 統括責任者 | 参事
manager: 課長 | 係長 | 室長 | 店長 | 班長 | グループ長 | チーム長 | チームリーダー | リーダー | マネージャ | マネジャ
    | 主査 | 主幹 | 管理職 | 責任者 | 主事
staff: 主任 | 担当 | 社員 | 一般 | スタッフ | 職員 | メンバー | エンジニア | コンサルタント | デザイナー | プログラマ
    | 研究員 | 専任 | スペシャリスト | アナリスト | 技師 | 教員 | 教授
""")

FUNCTIONS_LATIN = _table(r"""
student: student(?:in)? | pupil | phd candidate | undergraduate | werkstudent(?:in)? | etudiante? | estudiante
    | studente(?:ssa)?
marketing: cmo | marketing\w* | brand | demand gen(?:eration)? | growth | communications? | pr | public relations
    | seo | content | social media | advertising | kommunikation | werbung | communication | communicatie
    | comunicacion | comunicazione | publicidad | pubblicita | mercadeo | mercadotecnia
sales: cro | sales | account (?:executive|manager) | business development | bizdev | sdr | bdr | revenue
    | vertrieb\w* | verkauf\w* | verkoop\w* | verkoper | ventes | ventas | vendite | vendeu(?:r|se) | vendedor(?:a)?
    | venditore | commercial | commerciale | commerciaal | comercial
it: cio | ciso | it | information technology | information security | infrastructure
    | system(?:s)? admin(?:istrator)? | sysadmin | network | helpdesk | data ?center | edv | informatique | dsi | ict
    | informatica | sistemas | sistemi informativi
engineering: cto | engineer(?:ing)? | developer | development | software | devops | programmer | architect
    | technolog(?:y|ies) | technical | r&d | research | scientist | data | entwickl(?:er|erin|ungs?) | forschung
    | ingenieur\w* | technik | technique | technisch\w* | ingenier\w+ | ingegner\w+ | tecnic[oa] | i\+d | recherche
    | ricerca | developpe\w+ | desarroll\w+ | svilupp\w+ | ontwikkel\w+
product: cpo | product | ux | ui | design(?:er)? | produkt | produit | producto | prodotto
hr: chro | hr | human resources? | people | talent | recruit(?:er|ing|ment) | payroll | personal(?= leit)
    | personal(?:wesen|abteilung|referent(?:in)?) | ressources humaines | rh | drh | recursos humanos | rrhh
    | risorse umane | personeel\w* | personale
finance: cfo | financ(?:e|ial) | account(?:ant|ing) | controller | controlling | treasur(?:y|er) | tax | audit(?:or)?
    | bookkeep(?:er|ing) | buchhalt(?:er|erin|ung) | finanzen | comptab(?:le|ilite) | daf | financier\w* | finanzas
    | contab(?:le|ilidad|ilita) | tesoreri?a | finanz\w* | ragionier[ea] | financieel | boekhoud\w+
legal: legal | counsel | lawyer | attorney | compliance | privacy | recht | jurist(?:in)? | juridique | avocate?
    | juridic[oa] | abogad[oa] | legale | avvocat[oa] | juridisch\w*
purchasing: purchas(?:e|er|ing) | procurement | buyer | sourcing | einkauf\w* | einkaufer(?:in)? | achats?
    | acheteu(?:r|se) | compras | comprador(?:a)? | acquisti | inko(?:op\w*|per)
support: support | customer (?:success|service|care|experience) | service desk | kundenservice | kundendienst
    | service client | atencion al cliente | servicio al cliente | assistenza clienti | klantenservice
operations: coo | operations? | ops | logistics | supply chain | manufacturing | production | plant
    | facilit(?:y|ies) | quality | warehouse | project | program(?:me)? | produktion\w* | logisti[ck]\w* | logistique
    | operaciones | produccion | calidad | operazioni | produzione | qualita | qualite | productie | kwaliteit
    | projet | proyectos? | progett[oi] | projekt\w*
education: teacher | professor | lecturer | principal | dean | educat(?:ion|or) | training | trainer | lehrer(?:in)?
    | faculty | school | enseignante? | profesor(?:a)? | docente? | insegnante | leraar
consulting: consult(?:ant|ing) | advis[eo]r(?:y)? | berat(?:er|erin|ung) | consultante | consultor(?:a)? | consulente
    | adviseur
executive: ceo | chief executive | president\w* | vicepresident\w* | (?:vize ?)?pra(?:e)?sident\w*
    | founder | co ?founder | owner | managing (?:director|partner)
    | chair(?:man|woman|person)? | general manager | gescha(?:e)?ftsf(?:u|ue)hr\w* | gescha(?:e)?fts leit\w*
    | vorstand\w* | inhaber(?:in)? | gerante? | pdg | board | director(?:a)? general | gerente general
    | directeur general | directrice generale | direttore generale | consejer[oa] delegad[oa]
    | amministrat(?:ore|rice) (?:delegat|unic)[oa] | propietari[oa] | titolare | eigena(?:ar|resse) | zaakvoerder
    | algemeen directeur
""")

FUNCTIONS_JAPANESE = _table(r"""
student: 学生 | 大学院生
marketing: マーケ | 宣伝 | 広報 | 販促 | 販売促進 | ブランド | プロモーション | 広告 | PR
sales: 営業 | セールス | 販売 | インサイドセールス | フィールドセールス | 法人担当
it: 情報システム | 情シス | システム管理 | インフラ | セキュリティ | ネットワーク | 情報管理 | 社内SE | IT | DX推進
    | DX
engineering: 開発 | エンジニア | 技術 | 研究 | 設計 | プログラマ | R&D
product: プロダクト | 商品企画 | 製品企画 | デザイン | デザイナー
hr: 人事 | 採用 | 労務 | 人材
finance: 経理 | 財務 | 会計 | 最高財務責任者 | 経理財務
legal: 法務 | コンプライアンス | 知財 | 知的財産
purchasing: 購買 | 調達 | 資材 | 仕入
support: カスタマー | サポート | コールセンター | 顧客対応 | お客様
operations: 業務 | 総務 | 物流 | 生産 | 製造 | 品質 | 工場 | オペレーション | 管理部
education: 教員 | 教授 | 教師 | 講師 | 教育
consulting: コンサル
executive: 代表 | 社長 | 会長 | 経営 | 取締役 | 役員 | CEO | オーナー | 創業者 | 理事
""")
