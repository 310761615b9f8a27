"""Given names and the short forms that people go by, in English, German, French, Spanish, Italian and Dutch.

A line is a group: the full name (or its spellings) and what it is shortened to. A short form may stand in
several groups: Alex is Alexander and Alexandra, who are not each other. Words are folded as `name_words` does.
"""

from __future__ import annotations

from functools import cache

GROUPS = """
abigail abby abbie gail
abraham abe bram
adelaide adele addie heidi
adelheid heidi
adrian ade
adrianus adriaan ad arjan arie
agatha aggie
agnes aggie nessa
albert al bert bertie albie
alberto beto tito berto
alejandra ale alex sandra
alejandro ale alex jandro
alessandra ale alex sandra
alessandro ale alex sandro
alexander alex al alec sandy xander sander sascha lex alexandre
alexandra alex alexa sandra sandy lexi sascha alexandria
alexandre alex
alfred al alf alfie fred freddie freddy
alfredo fredo alf
alice ally allie
alison allison ali ally allie
aloysius alois louis lois
aloisius alois loisl
amanda mandy manda
amelia amy millie mia
andreas andi andy andre
andrea andi andy
andrew andy drew andie
andries dries
angela angie angel
angelica angie
angelika angie geli
anita ani
ann anne anna annie nan nancy annette
anna anni anneke annika ania
anneliese anne lise liese anneli
annemarie anne marie annemie
annunziata nunzia
anthony antony tony ant
antoine toine tony
antoinette toni nettie
anton toni tony toon ton
antonia toni tonia
antonio toni tonio tono antonino nino toto
antonius anton toon ton teun antoon
archibald archie
arnold arnie arno
arthur art artie
augustin gus gust
augustine gus
augustus gus augie
barbara barb babs barbie bobbie babsi barbel
barnabas barney
barnaby barney
bartholomew bart bartholomaus
bartolome bartolo
beatrice bea trixie bice
beatrix bea trix trixie
beatriz bea
benedict ben
benedikt ben bene
benjamin ben benny benji benjy bennie
benito beni
bernadette bernie
bernard bernie bern barney
bernardo nardo
bernhard bernd bernie hardy
berthold bert
bertram bert
bertrand bert
bradley brad
bradford brad
brandon brand
brian bryan
bridget bridie biddy
brigitte gitte gitta brigitta birgit
calvin cal
cameron cam
camille cam
carl karl
carlos carlitos charly
carol carrie caroline carolyn
caroline caro carrie carol lina caz
carolina caro lina
carolyn carrie carol
cassandra cass cassie sandra
caterina rina cate
catherine cathy cath kate katie kathy kat cat kitty katharine katherine kathryn catharine cathryn
catharina cato trijntje toos tineke
cecilia cece celia cis cissy
charles charlie chuck chas chaz charley
charlotte charlie lottie lotte char
chester chet
christel chris
christian chris christi
christiane chris christa
christina chris tina christie chrissy christa
christine chris chrissie christie tina christa stine
christoph chris stoffel
christophe chris tof
christopher chris kit topher christy
cipriano cipri
clara clare claire
clarence clare
claudia claudi
clemens clem
clement clem
clifford cliff
clinton clint
concepcion concha conchita conchi
concetta tina cettina
consuelo chelo
constance connie
constantin costa konstantin
cornelia connie corrie nelly neele cora
cornelis kees cor cees corneel
cornelius con neil connie
courtney court
curtis curt
cynthia cindy cyndi
daniel dan danny dani
daniela dani
daniele dani dan
danielle dani
david dave davey davie davy
deborah deb debbie debby debra
debra deb debbie
dennis den denny
derek rick
desmond des
diana di
diane di
dick richard
dieter didi
dietrich dieter dirk
dolores lola loli lolita
domenico mimmo mimi menico nico dome
domingo mingo
dominic dom nick
dominik dom nik
dominique dom
donald don donny donnie
dorothea dora doro thea dorle
dorothy dot dottie dolly dora
douglas doug
duncan dunc
eberhard ebbo hardy
edith edie
eduard edi ed
eduardo edu lalo
edmund ed eddie ted ned
edoardo edo
edward ed eddie eddy ted teddy ned eddard
edwin ed eddie
eleanor ellie nell nellie nora elle lenore
eleonora nora ele
elena lena leni
elias eli
elijah eli
elisabeth lisa elise lise liesl sissi sisi ella else elsa lisbeth betti bettina elli lies liesbeth els elsbeth
elisabetta betta lisa elisa
elizabeth liz lizzie lizzy beth betty bess bessie eliza libby lisa elsie betsy lisbeth
ellen nell
emanuele manu lele
emil emilio
emily em emmy millie
emmanuel manu manny
emmanuelle manu
enrique quique kike
enrico rico
erich eric
eric rick ricky
ernest ernie
ernst erni
esperanza espe
esther hettie essie
etienne tienne
eugene gene
eugenio geno
eva evi evita
evelyn evie eve
fabian fabi fabio
federico fede rico
felicitas fee feli
felipe pipe
ferdinand ferdi ferd ferry nando
fernando nando fer
filippo pippo
florence flo flossie florrie
florian flo flori
frances fran fanny frannie francie
francesca franca fran checca cesca
francesco franco cesco ciccio checco
francis frank fran francie
francisca paca paquita paqui
francisco paco pancho paquito fran curro kiko frasco
franciscus frans frank cis
francois fran franck
francoise fran soizic
frank frankie
franklin frank
franz franzl franzi
franziska franzi fanny franka sissi
frederic fred
frederick fred freddy freddie fritz rick
frederik fred freek frits rik
fredrick fred freddie
friedrich fritz fred friedel fiete
gabriel gabe gabi gab
gabriela gabi gaby
gabriele gabi gaby
gabriella gabi gaby
gabrielle gabby gabi gaby
gaetano tano
gavin gav
geoffrey geoff jeff
georg schorsch jorg
george georgie geordie
georgina georgie gina
gerald gerry jerry
geraldine gerry geri
gerard gerry gerrie ger
gerardus gerard geert gert gerrit ger
gerhard gerd gert hardy
gerlinde linde
gertrud trude gerti traudl
gertrude gertie trudy
giacomo mino
gianfranco franco gian
gianluca luca gian
giorgio gio
giovanna gianna vanna nanna gio
giovanni gianni nanni vanni gio
gisela gisi
giuseppe beppe peppe pippo peppino beppino geppi pino
giuseppina pina giusy pinuccia peppina
gloria glo
graciela chela
gregory greg gregg
gregor greg
gregorio goyo
guadalupe lupe lupita
guglielmo memo
guillaume guigui
guillermo guille memo willy
gunther gunter gunnar
gustav gus gustl
gustavo tavo gus
gwendolyn gwen
hannah hanna hanne
hans johannes hansi hannes
harald harry
harold harry hal
harriet hattie harrie
harrison harry
heinrich heinz heiner hein henner heini
helen nell nellie lena
helena lena leni lenka
helene lene leni lena hella
helmut helli
hendrik henk rik hein henri henny
henrietta hettie etta hetty
henry harry hank hal
herbert herb herbie bert
herman herm
hildegard hilde hilda gard
howard howie
hubert bert hub hubertus huub bertus
hubertus hub huub bert
ignacio nacho ignasi
ignatius iggy nace
ignaz natz
ingeborg inge inga
inmaculada inma
irene reni
irmgard irma irmi
isabel isa bel chabela belle bella
isabella isa bella izzy belle
isabelle isa belle izzy
isidoro isi
isaac ike
jacob jake jack jakob
jacobus jaap jacob ko koos sjaak jack cobus
jacqueline jackie jacqui
jacques jacky jack
jaime jimmy
jakob jake jockel kobi jakobus
james jim jimmy jamie jem jimbo
jane janie janey jenny
janet jan jen
janice jan
jasmin jas
jason jay jase
javier javi xavi
jean jeanne jeannie
jeffrey jeff geoff
jeffery jeff
jennifer jen jenny jenni jennie
jeremiah jerry
jeremy jem jerry jez
jerome jerry
jesus chus chuy suso
jessica jess jessie jessi
jill gill
joachim jo achim jochen jockel
joan joanie
joanna jo joanie
joanne jo joan
joaquin quino quim chimo
johann hans johannes hannes hansi jo
johanna hanna hanne jo hannah anke joke
johannes hans hannes jo jan johan joop hansi john
john jack johnny jon jock
jonas jona
jonathan jon jonny jonty nathan
jorg jorge
jose pepe chepe pepito
josefa pepa pepita fefa sefa
josefina pepa fina josefa
josefine josie fine josi
joseph joe joey jos jojo
josephine jo josie fifi
josef sepp jupp pepi seppi joschi
jozef jos jef sjef joep
joshua josh
judith judy jude judi
julia jule juli julie
julian jules
juliane jule juli
julie jules
julius jule
juliette jul
justin just
karin kari
karl charly kalle
karoline karo lina caro
kaspar kasper
katarina kat kata
katharina kathi kati katrin kathrin kathe kathy katja rina nina trine
katherine kate kathy katie kat kitty kay katharine
kathleen kathy kate kath katie
kathryn kate kathy katie
katrin kati katharina
kenneth ken kenny
kevin kev
kimberly kim kimberley
klaus nikolaus niklas nico
konrad kurt conny
konstantin kosta konni
konstanze conny
kristina kris tina kristi
kristin kris
kristine kris
kristopher kris
laurence larry laurie lawrence
lawrence larry lars laurie lorenz
laura laurie
laurens lau lourens
leonard leo len lenny leon
leonardo leo nardo
leonardus leo leen
leopold leo poldi pol
leslie les
lewis lew louis
lieselotte lotte liese lilo
lillian lil lily
linda lin
lisa elisabeth
lorenzo renzo enzo
louis lou louie
louise lou lulu
ludovic ludo
ludovico ludo vico
ludwig lutz lui wiggerl
luigi gigi gino
luisa lu
lukas luke luki
luciano lucio
lucille lucy
lucinda lucy cindy
lucy lu
magdalena lena magda leni madlen maddalena
magdalene lena lene
madeleine maddie mado
madeline maddie
manfred manni fred mani
manuel manu manolo lolo
manuela manu
marcel marc
marcus marc mark
margaret maggie meg peggy marge margie greta daisy madge mags maisie rita
margareta greta gretel rita margret
margarete grete gretel margret gretchen rita greta
margaretha greet greetje griet margriet gretha
margarita rita marga
margherita rita ghita
marguerite margot margo
margot margo
maria mia mitzi ria mariechen miri mimi marie
maria mari maruja
marianne marion
mariano nano
marie mimi manon
mark marc
markus mark
martha marty patty
martin marty tino
martina tina
martinus martin tinus maarten martijn
marvin marv
mary molly polly mamie may mae
massimiliano massimo max
massimo max
matthew matt matty mat
matthias matze matt hias mathias
mathieu mat math
matteo teo
mattheus thijs matthijs mathijs thies tijs
maurice moe mo mauri
maurizio mauri icio
maximilian max maxi
maximiliano max maxi
maxwell max
melanie mel melli
melissa mel missy lissa
mercedes merche mercy
michael mike mick mickey micky mikey mitch michi michel michal
michaela michi ela mickey
michelle shelly micki mich
michel mich
michele mike lino
miguel mike miki
mildred millie
milagros mila
mitchell mitch
monika moni
montgomery monty
montserrat montse
nancy nan
natalia nati talia nata
natalie nat nattie
natasha tasha nat
nathan nat nate
nathaniel nat nate nathan
nicholas nick nicky nico colin klaus
nicola nicky nico
nicolaas nico klaas nick nicolaus
nicolas nico nick
nicole nicky nikki niki nic
nicolo nico
nikolaus klaus niko niki nick niklas
norbert bert nobbi
norman norm
oliver ollie oli
olivia liv livvy
olivier oli
oscar ozzie
oskar ossi
oswald ozzie ossi
pamela pam
pasquale lino pasqualino
patricia pat patty trish tricia patsy patti patri
patrick pat paddy rick
paul pauli
paula pauli
paulina pau lina
pauline paulie
paulus paul pauw
pedro perico peio
penelope penny
perceval percy
peter pete petey pit
petronella nel nelleke ella
petrus piet peter pieter
pieter piet
philip phil pip flip
philipp phil lipp
philippe phil
phillip phil pip
phyllis phyl
pietro piero pierino
pilar pili
priscilla cilla
prudence prue
rachel rach rae
rafael rafa rafi
raffaele lele raffa lello
raimund rai mundl
ramona mona
ramon moncho
randall randy
randolph randy dolph
raymond ray
rebecca becky becca bec
rebekka becky
reginald reg reggie
regina gina regi
reinhard hardy
remigius remi
renate nate reni
ricardo ricky richi cardo
riccardo ricky richi ricca
richard dick rick ricky rich richie ritchie
roberta bobbie robbie bertie berta
robert bob bobby rob robbie bert robin
roberto beto robe berto roby
rocio chio
roderick rod rick
rodney rod
rodrigo rodri
roger rodge
roland rolly rolli
rolf rudolf
ronald ron ronnie ronny
rosalia lia
rosalind roz
rosamund roz
rosario charo chayo
rosemarie rosi rose
rosemary rose rosie
rudolf rudi rolf
rudolph rudy
rupert bert
russell russ rusty
salvatore toto turi salvo tore
salvador salva chava
samantha sam sammy
samuel sam sammy
sabine bine
sandra sandy
santiago santi chago yago
sarah sara sally sadie
sebastian seb basti bastian wastl sebas
sebastiaan bas seb
sebastien seb
sergio checo
sharon shaz
shirley shirl
sidney sid
siegfried sigi siggi
sigismund sigi
sigmund sigi
sigrid siri
simon si
simone simi
sofia sofi
sophia sophie soph
sophie soph
stanley stan
stefan steff steve stef
stefania stefi
stefanie steffi stef
stefano stef ste
stephan steff steve stef
stephanie steph stephie steffi
stephane stef steph
stephen steve stevie steph
steven steve stevie
steven stefan
stuart stu stew
stewart stu stew
susan sue susie suzy suzie
susana susi
susanna sue susie sanna
susanne susi sanne suse
suzanne sue suzy sanne
sylvester sly
tabitha tabby
tamara tammy tam
teresa tere resi tess terry
terence terry
terrence terry
thaddeus tad thad
theodor theo teddy
theodora dora thea
theodore ted teddy theo
theodorus theo dorus ted dirk
theresa tess tessa terry tracy resi
therese resi tess
thomas tom tommy thom
tiffany tiff
timotheus tim timo
timothy tim timmy
tobias toby tobi
tomas tom
tommaso tommy maso masino
ulrich uli ulli
ulrike uli rike ulla ulli
ursula uschi ulla uschy ursel
valentin val valli
valentina vale tina
valerie val
vanessa nessa ness
veronica vero ronnie nica
veronika vroni vero
vicente vicent chente
victor vic
victoria vicky vikki tori vicki
viktor vik
viktoria vicky viki
vincent vince vinnie vin
vincenzo enzo cenzo vince
vincenza enza
violeta viole
virginia ginny ginger
vittorio vito
vivian viv
vivienne viv
waldemar waldi
walter walt wally walti
wilhelm willi willy wim helm will
wilhelmina mina mien willemien wil
wilhelmine minna mina helma
willem wim pim will wil
william bill billy will willie willy liam
winfried winni
winifred winnie freddie
winston win
wolfgang wolf wolfi
xavier xavi
xaver xaverl
yolanda yoli
yvonne yvi
zachary zach zack zac
zacharias zach
"""


@cache
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(GROUPS.strip().splitlines()):
        for word in line.split():
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def same_short_name(a: str, b: str) -> bool:
    """Whether two folded given names may be one: the same, or one short for the other, or both for a third."""
    if a == b:
        return True
    groups = _groups()
    one = groups.get(a)
    return one is not None and not one.isdisjoint(groups.get(b, ()))
