"""Domains and local parts that say what kind of address an email is."""

from __future__ import annotations

from connector.steps.normalise.text import words

#: Mail for private people: a person's address, no company's.
FREE = words("""
gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.com.au
yahoo.com.br yahoo.com.mx yahoo.co.id ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr
hotmail.it hotmail.es hotmail.co.jp outlook.com outlook.de outlook.fr outlook.es outlook.jp outlook.com.br live.com
live.co.uk live.de live.fr live.jp live.nl msn.com passport.com aol.com aim.com icloud.com me.com mac.com proton.me
protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com mail.com email.com usa.com gmx.com
gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de arcor.de posteo.de mailbox.org online.de kabelmail.de
vodafone.de 1und1.de bluewin.ch hispeed.ch sunrise.ch chello.at aon.at orange.fr wanadoo.fr free.fr laposte.net
sfr.fr neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es ziggo.nl kpnmail.nl
planet.nl xs4all.nl skynet.be telenet.be btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com
blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz mail.ru inbox.ru list.ru bk.ru yandex.ru
yandex.com rambler.ru ukr.net wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz email.cz abv.bg uol.com.br
bol.com.br terra.com.br ig.com.br rediffmail.com qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn
sohu.com 139.com 189.cn aliyun.com naver.com hanmail.net daum.net nate.com kakao.com hinet.net zoho.com fastmail.com
fastmail.fm hushmail.com hey.com duck.com inbox.com lycos.com yahoo.co.jp ybb.ne.jp docomo.ne.jp ezweb.ne.jp au.com
softbank.ne.jp i.softbank.jp disney.ne.jp vodafone.ne.jp ymobile.ne.jp ymobile1.ne.jp y-mobile.ne.jp emobile.ne.jp
willcom.com pdx.ne.jp uqmobile.jp rakuten.jp rakumail.jp nifty.com nifty.ne.jp biglobe.ne.jp so-net.ne.jp ocn.ne.jp
plala.or.jp dion.ne.jp auone-net.jp eonet.ne.jp k-opti.com zaq.ne.jp jcom.home.ne.jp jcom.zaq.ne.jp hi-ho.ne.jp
asahi-net.or.jp infoweb.ne.jp odn.ne.jp dti.ne.jp tiki.ne.jp wakwak.com interlink.or.jp infoseek.jp goo.jp
mail.goo.ne.jp excite.co.jp livedoor.com aol.jp commufa.jp ctk.ne.jp tcn-catv.ne.jp t-com.ne.jp sannet.ne.jp bbiq.jp
mopera.net
""")

#: Addresses made to be thrown away.
DISPOSABLE = words("""
mailinator.com guerrillamail.com guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com
grr.la sharklasers.com 10minutemail.com 10minutemail.net 20minutemail.com 33mail.com temp-mail.org temp-mail.io
tempmail.com tempmail.net tempmailo.com tempr.email tempinbox.com tempail.com throwawaymail.com throwaway.email
trashmail.com trashmail.de trashmail.net trash-mail.com yopmail.com yopmail.fr yopmail.net getnada.com nada.email
maildrop.cc mailnesia.com mailcatch.com mintemail.com mohmal.com moakt.com dispostable.com discard.email
discardmail.com fakeinbox.com fakemail.net emailondeck.com getairmail.com inboxbear.com inboxkitten.com mailnull.com
mailsac.com mytemp.email spamgourmet.com spam4.me spambog.com spamex.com wegwerfmail.de wegwerfemail.de einrot.com
burnermail.io dropmail.me emailfake.com mail-temp.com luxusmail.org crazymailing.com instaddr.com kuku.lu sute.jp
mail-temp.jp
""")

#: Local parts of mailboxes that many people read.
ROLES = words("""
info information contact contacts contactus kontakt hello hi office mail email post team admin administrator
webmaster hostmaster postmaster root sysadmin abuse security noc support help helpdesk service customerservice
customercare sales vertrieb verkauf marketing pr press presse media news newsletter hr jobs job career careers
karriere bewerbung recruiting recruit saiyo saiyou jinji billing accounts accounting invoice invoices rechnung
buchhaltung keiri finance payments orders order bestellung purchasing procurement einkauf legal privacy datenschutz
compliance enquiries enquiry inquiry inquiries toiawase otoiawase reception empfang secretary sekretariat soumu
eigyo eigyou kouhou koho noreply no-reply do-not-reply donotreply events event webinar partners partner feedback all
everyone staff shop store hostmaster it dev
""")
