"""Job level and job function from a job title, in English, Japanese, and the commonest German and French words.

Each table is read from the top and the first word found decides, so what is more special stands
first: `vice president` before `president`, 社長室 (the president's office) before 社長.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from connector.steps.normalise.text import fold

#: (what it says, pattern of the words that say it), in the order in which they are tried.
Words = tuple[tuple[str, str], ...]


def _table(text: str) -> Words:
    """A table out of lines `word: pattern | pattern`; a line that begins with a bar goes on."""
    lines = text.strip().replace("\n    |", " |").splitlines()
    pairs = (line.partition(": ") for line in lines)
    return tuple((word.strip("-"), re.sub(r" \| ", "|", pattern)) for word, _, pattern in pairs)


# An office or division that is named after an officer is not the officer: the words of `-` are
# taken out before the search goes on.
_LEVELS_LATIN = _table(r"""
staff: (?:executive|personal|virtual|administrative) assistant | assistant (?:to|of) | secretary
    | account executive | sales executive | marketing executive | office manager | intern | trainee | apprentice
    | student | werkstudent(?:in)? | praktikant(?:in)? | product owner | process owner | business owner
    | assistentin?
vp: (?:[se]?vp|avp|gvp) | vice[ -]?president | general manager | bereichsleit(?:er|erin|ung)
c_level: c[etfmiopsrd]o | ciso | chro | cxo | cdo | cco | chief | president | founder | co-?founder | owner
    | proprietor | chair(?:man|woman|person)? | managing (?:director|partner) | geschäftsführ(?:er|erin|ung)
    | vorstand | vorständin | inhaber(?:in)? | gérante? | pdg | directeur général | directrice générale
    | partner | principal | member of the board | board member
director: director | head | dean | (?:(?!team|gruppen|projekt)\w+)?leit(?:er|erin|ung) | direktor(?:in)?
    | directeur | directrice
manager: manager(?:in)? | mgr | supervisor | team[ -]?lead(?:er)? | lead | leader | foreman | superintendent
    | (?:team|gruppen|projekt)leit(?:er|erin|ung) | responsable | chef | controller
staff: assistant | associate | specialist | engineer | developer | analyst | coordinator | representative | rep
    | consultant | clerk | designer | administrator | officer | accountant | technician | programmer | scientist
    | architect | teacher | buyer | researcher | advisor | adviser | agent | planner | writer | editor | nurse
    | lecturer | professor | freelancer | employee | staff | sdr | bdr | sachbearbeiter(?:in)?
    | mitarbeiter(?:in)? | referent(?:in)? | berater(?:in)? | entwickler(?:in)? | ingenieur(?:in)? | salesperson
    | salesman | worker | operator | member
""")

_LEVELS_JAPANESE = _table(r"""
staff: 秘書 | アシスタント | インターン | 学生 | アルバイト | パート | 派遣
-: 社長室 | 会長室 | 役員室
c_level: 取締役
vp: 執行役員 | 本部長 | 事業部長 | 統括部長 | 支社長
c_level: 代表社員 | 代表理事 | 代表執行役 | 代表者 | 代表 | 副社長 | 社長 | 会長 | 理事長 | 専務 | 常務 | 執行役
    | 監査役 | オーナー | 創業者 | 経営者 | 最高.{1,8}責任者 | 院長 | 学長 | 店主 | 個人事業主
manager: 部長代理 | 部長補佐 | 副部長 | 次長 | 担当部長代理
director: 部長 | ディレクター | 所長 | 支店長 | 工場長 | 局長 | 部門長 | センター長 | 統括責任者 | 参事
manager: 課長 | 係長 | 室長 | 店長 | 班長 | グループ長 | チーム長 | チームリーダー | リーダー | マネージャ
    | マネジャ | 主査 | 主幹 | 管理職 | 責任者 | 主事
staff: 主任 | 担当 | 社員 | 一般 | スタッフ | 職員 | メンバー | エンジニア | コンサルタント | デザイナー
    | プログラマ | 研究員 | 専任 | スペシャリスト | アナリスト | 技師 | 教員 | 教授
""")

_FUNCTIONS_LATIN = _table(r"""
student: student(?:in)? | pupil | phd candidate | undergraduate | werkstudent(?:in)?
marketing: cmo | marketing\w* | brand | demand gen(?:eration)? | growth | communications? | pr
    | public relations | seo | content | social media | advertising | kommunikation | werbung
sales: cro | sales | account (?:executive|manager) | business development | bizdev | sdr | bdr | revenue
    | vertrieb\w* | verkauf\w* | ventes | commercial | commerciale
it: cio | ciso | it | information technology | information security | infrastructure
    | system(?:s)? admin(?:istrator)? | sysadmin | network | helpdesk | data ?center | edv | informatique
engineering: cto | engineer(?:ing)? | developer | development | software | devops | programmer | architect
    | technolog(?:y|ies) | technical | r&d | research | scientist | data | entwickl(?:er|erin|ung)
    | ingenieur(?:in)? | technik
product: cpo | product | ux | ui | design(?:er)? | produkt
hr: chro | hr | human resources? | people | talent | recruit(?:er|ing|ment)
    | personal(?:leiter(?:in)?|wesen|abteilung) | payroll
finance: cfo | financ(?:e|ial) | account(?:ant|ing) | controller | controlling | treasur(?:y|er) | tax
    | audit(?:or)? | bookkeep(?:er|ing) | buchhalt(?:er|erin|ung) | finanzen | comptab(?:le|ilité)
legal: legal | counsel | lawyer | attorney | compliance | privacy | recht | jurist(?:in)? | juridique
purchasing: purchas(?:e|er|ing) | procurement | buyer | sourcing | einkauf | einkäufer(?:in)? | achats?
support: support | customer (?:success|service|care|experience) | service desk | kundenservice
operations: coo | operations? | ops | logistics | supply chain | manufacturing | production | plant
    | facilit(?:y|ies) | quality | warehouse | project | program(?:me)? | produktion | logistik
education: teacher | professor | lecturer | principal | dean | educat(?:ion|or) | training | trainer
    | lehrer(?:in)? | faculty | school
consulting: consult(?:ant|ing) | advis[eo]r(?:y)? | berat(?:er|erin|ung)
executive: ceo | chief executive | president | founder | co-?founder | owner | managing (?:director|partner)
    | chair(?:man|woman|person)? | general manager | geschäftsführ(?:er|erin|ung) | vorstand | inhaber(?:in)?
    | gérante? | pdg | board
""")

_FUNCTIONS_JAPANESE = _table(r"""
student: 学生 | 大学院生
marketing: マーケ | 宣伝 | 広報 | 販促 | 販売促進 | ブランド | プロモーション | 広告 | PR
sales: 営業 | セールス | 販売 | インサイドセールス | フィールドセールス | 法人担当
it: 情報システム | 情シス | システム管理 | インフラ | セキュリティ | ネットワーク | 情報管理 | 社内SE | IT
    | DX推進 | DX
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

_ABBREVIATED = re.compile(r"\.(?=\w|\s|$)")
_COMMA_AND_SLASH = re.compile(r"[,/|()\[\]–—·・:;]+")


@cache
def _latin(table: Words) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((word, re.compile(rf"(?<![\w&])(?:{pattern})(?![\w])")) for word, pattern in table)


@cache
def _japanese(table: Words) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((word, re.compile(pattern.casefold())) for word, pattern in table)


def _title(text: str) -> str:
    return _COMMA_AND_SLASH.sub(" ", _ABBREVIATED.sub("", fold(text[:200])))


def _first(title: str, table: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    for word, pattern in table:
        if not word:
            title = pattern.sub("室", title)
        elif pattern.search(title):
            return word
    return ""


@lru_cache(maxsize=8192)
def job_level(title: str) -> str:
    """One of the job levels, "" where the title does not tell."""
    words = _title(title)
    if words.isascii():
        return _first(words, _latin(_LEVELS_LATIN))
    return _first(words, _japanese(_LEVELS_JAPANESE)) or _first(words, _latin(_LEVELS_LATIN))


@lru_cache(maxsize=8192)
def job_function(title: str) -> str:
    """One of the job functions, "" where the title does not tell."""
    words = _title(title)
    if words.isascii():
        return _first(words, _latin(_FUNCTIONS_LATIN))
    return _first(words, _japanese(_FUNCTIONS_JAPANESE)) or _first(words, _latin(_FUNCTIONS_LATIN))
