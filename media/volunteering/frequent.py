"""The little words of French: those that a volunteer's minute is not worth, however unsure they are.

Written for this project from grammar, not from counts: articles, pronouns, prepositions,
conjunctions, adverbs, the common verbs' common forms, and the nouns and adjectives that every
show says. What an archive itself says often is counted (`media.volunteering.rarity`).
"""

from media.volunteering.writing import fold

WRITTEN = """
le la les un une des du de d l au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre
vos leur leurs je j tu il elle on nous vous ils elles me m te t se s lui y en moi toi soi eux celui celle
ceux celles ceci cela ça c qui que qu quoi dont où lequel laquelle lesquels lesquelles duquel auquel quel
quelle quels quelles rien personne tout toute tous toutes autre autres même mêmes aucun aucune certain
certaine certains certaines plusieurs chaque chacun chacune quelque quelques quelqu’un tel telle tels
telles à après avant avec chez contre dans depuis derrière dès devant durant entre envers hors jusque
malgré par parmi pendant pour sans sauf selon sous sur vers voici voilà et ou ni mais or car donc si
comme lorsque quand puisque quoique afin ainsi alors aussi assez aujourd’hui auparavant autant autour
beaucoup bien bientôt cependant certes combien comment davantage debout dedans dehors déjà demain
dessous dessus désormais donc encore enfin ensemble ensuite environ exactement finalement fois hier ici
jamais juste justement là là-bas loin longtemps lors maintenant mal mieux moins ne n non nulle oui par
parfois partout pas peu peut-être plus plutôt point pourquoi pourtant près presque puis quasi seulement
simplement sinon souvent surtout tant tantôt tard tellement tôt toujours toutefois très trop vite
vraiment absolument évidemment effectivement forcément généralement notamment parce quant voire hein
euh ah oh eh ben bah ouais bon bonne bonjour bonsoir merci d’accord allez allons pardon
suis es est sommes êtes sont étais était étions étiez étaient serai sera serons serez seront serais
serait serions seraient sois soit soyons soyez soient fut furent été être étant
ai as a avons avez ont avais avait avions aviez avaient aurai aura aurons aurez auront aurais aurait
aurions auraient aie ait ayons ayez aient eu eue eus eut avoir ayant
fais fait faisons faites font faisais faisait faisaient ferai fera ferez feront ferait faire faisant faits
vais va allons allez vont allais allait allaient irai ira iront irait aille allé allée allés aller
viens vient venons venez viennent venait venu venue venus venir
peux peut pouvons pouvez peuvent pouvais pouvait pouvaient pourra pourront pourrai pourrait pourraient
puisse pu pouvoir
veux veut voulons voulez veulent voulais voulait voulaient voudrais voudrait voulu vouloir
dois doit devons devez doivent devais devait devaient devra devrait devraient dû devoir
sais sait savons savez savent savais savait savaient saura su savoir
dis dit disons dites disent disais disait disaient dira dirait dire disant
vois voit voyons voyez voient voyait verra vu vue vus voir voyant
prends prend prenons prenez prennent prenait pris prise prendre
mets met mettons mettez mettent mettait mis mise mettre
crois croit croyez croient croire pense penses pensons pensez pensent pensais penser
parle parles parlons parlez parlent parlait parlé parler faut fallait faudra faudrait fallu
donne donnez donnent donner donné donnée demande demander demandé passe passer passé arrive arriver
arrivé arrivait reste rester trouve trouver trouvé appelle appelles s’appelle appeler aime aimer
commence commencer commencé cherche chercher utilise utiliser utilisé travaille travailler regarde
regarder écoute écouter écoutez écoutons entend entendre entendu comprendre comprends comprend compris
connaît connaître tient tenir sort sortir permet permettre devient devenir rappelle rappeler
an ans année années jour jours mois semaine semaines heure heures minute minutes seconde secondes temps
moment fois chose choses gens monde vie homme hommes femme femmes enfant enfants ami amis personne
personnes pays ville villes maison côté côtés question questions réponse exemple exemples problème
problèmes façon manière sorte type point points cas fait idée idées partie parties part place nom noms
mot mots sujet sujets sens raison cause suite fin début place ordre nombre besoin travail projet projets
groupe service services système niveau droit droits loi lois eau main mains pied tête yeux argent prix
euro euros émission émissions épisode radio micro invité invitée invités sujet chronique musique pause
association associations site sites page lien gros grosse grand grande grands grandes petit petite
petits petites bon bonne bons bonnes beau belle beaux nouveau nouvelle nouveaux nouvelles vieux vieille
jeune jeunes premier première premiers premières second seconde dernier dernière derniers dernières
seul seule seuls seules long longue haut haute bas basse fort forte vrai vraie vrais faux libre libres
public publique publics publiques possible possibles important importante importants importantes
différent différente différents différentes simple simples facile difficile meilleur meilleure plein
pleine entier entière général générale
lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août
septembre octobre novembre décembre matin midi soir nuit été hiver printemps automne
un deux trois
"""

FREQUENT = frozenset(fold(word) for word in WRITTEN.split())
