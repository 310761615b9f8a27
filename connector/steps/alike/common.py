"""Names that so many people have that sharing one says less: about one person in three hundred, or more, somewhere."""

from __future__ import annotations

import re

from connector.steps.normalise.mail_domains import ROLES
from connector.steps.normalise.text import words

_UMLAUTS = re.compile(r"(?<=[aou])e")

FAMILY = words("""
smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson
thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young
allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
evans edwards hughes davies wood turner parker cooper ward morris james morgan murphy kelly ryan obrien osullivan walsh
mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schaefer koch bauer richter klein wolf
bernard dubois durand moreau laurent simon michel lefebvre leroy petit roux
rossi russo ferrari esposito bianchi romano colombo ricci marino greco
fernandez gomez diaz moreno munoz alvarez romero alonso gutierrez ruiz jimenez silva santos oliveira souza pereira costa
jansen devries vandenberg bakker visser smit peeters janssens maes jacobs
andersson johansson karlsson nilsson eriksson larsson olsson persson hansen johansen olsen larsen jensen nielsen
pedersen andersen christensen korhonen virtanen nowak kowalski ivanov smirnov kuznetsov
wang li zhang liu chen yang huang zhao wu zhou lin kim park choi jung kang cho tran le pham hoang
singh kumar sharma patel gupta khan ahmed ali hussain das shah
sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi matsumoto
inoue kimura hayashi shimizu yamazaki mori abe ikeda hashimoto
佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森
池田 橋本 阿部 王 李 张 刘 陈 杨
""")

GIVEN = words("""
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald
steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric
jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick frank raymond jack dennis jerry
henry peter arthur albert walter harry oliver harrison liam noah ethan logan lucas mason simon martin philip alan ian
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley
kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy
angela shirley anna brenda pamela emma nicole helen samantha katherine christine rachel catherine maria jane alice
olivia sophie charlotte grace hannah lucy chloe ella isabella mia amelia anne ann julia claire louise victoria
hans max jan felix lukas jonas klaus juergen wolfgang andreas stefan christian sabine petra monika ursula claudia
jean pierre philippe marie nathalie isabelle jose antonio manuel francisco juan carlos luis javier miguel carmen ana
giuseppe giovanni marco andrea francesco lars erik per mohamed mohammed muhammad ahmed ali wei
hiroshi takashi kenji akira yuki
""")

#: Without accents an umlaut has no e: Müller.
FAMILY |= {_UMLAUTS.sub("", name) for name in FAMILY}
GIVEN |= {_UMLAUTS.sub("", name) for name in GIVEN}

#: Words that make no person's name where a name has no others: of a desk or a team, and of who does not say.
NOBODY = ROLES | words("""
test tests tester testing demo dummy sample example beispiel muster mustermann musterfrau foo bar baz asdf asdfg asdfgh
asdfasdf sdf qwe qwer qwert qwerty qwertz yxcv zxcv abc xyz xy lorem ipsum user account customer client kunde
kundin guest gast visitor subscriber lead contact person unknown unbekannt inconnu desconocido anonymous anonym anonymus
no name none null nobody somebody firstname lastname forename surname vorname nachname prenom nom nombre apellido dear
team desk front help department dept abteilung manager management direction leitung payable receivable group gruppe
company firma テスト サンプル 匿名 不明 名無シ 担当 担当者 御担当者 ゴ担当者
""")
