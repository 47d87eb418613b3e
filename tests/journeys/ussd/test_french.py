"""Joining, lumos, settings and leaving in French, word for word. It is Sunday 22 November 2026."""

from __future__ import annotations

from datetime import date

from tests.fixtures.french import BINTA, buyer, trader
from tests.fixtures.stalls import add_stall, market_id
from tests.fixtures.world import World
from trader_platform.core.once import By
from trader_platform.market.service_calendar import announce_change, closure, move


def test_the_first_dial_and_what_is_agreed_to(world: World) -> None:
    phone = world.phone().dial()
    phone.reads(
        """CON Market Line
        1 English
        2 Francais
        3 Mandinka
        4 Wolof
        5 Pulaar"""
    )
    phone.press("2").reads(
        """CON Que voulez-vous ?
        1 Je vends: entrer
        2 J'achète: voir les prix
        0 Retour"""
    )
    phone.press("1").reads(
        """CON Nous gardons nom, numéro, place, produits, ventes, paiements. La commune les voit. \
On peut toujours partir.
        1 D'accord
        2 Non
        3 Dites plus"""
    )
    phone.press("3").reads(
        """CON Les acheteurs voient vos produits et le marché. \
Votre numéro, seulement si vous le voulez.
        1 D'accord
        2 Non
        3 Dites plus
        0 Retour"""
    )
    phone.press("3").reads(
        """CON Pour partir: 5, 3, 5. Votre nom et votre numéro sont effacés. \
Ventes et paiements passés restent, sans nom.
        1 D'accord
        2 Non
        0 Retour"""
    )
    phone.press("1").sees("CON Tapez le numéro de votre carte de place.")


def test_joining_in_five_answers(world: World) -> None:
    phone = world.phone().dial().press("2", "1")
    phone.press("1").reads(
        """CON Tapez le numéro de votre carte de place.
        1 Pas de carte
        0 Retour"""
    )
    phone.press("1").reads(
        """CON Quel marché ? Un chiffre, ou tapez son nom.
        1 Serrekunda
        2 Latrikunda
        3 Brikama
        4 Albert Market
        5 Bakoteh
        98 Plus
        0 Retour"""
    )
    phone.press("1").reads(
        """CON Que vendez-vous le plus ?
        1 Fruits légumes
        2 Poisson
        3 Riz, céréales
        4 Arachide niébé
        98 Plus
        0 Retour"""
    )
    phone.press("1").reads("CON Tapez votre nom, comme on vous appelle.\n0 Retour")
    phone.press("77").sees("CON Tapez le nom en lettres\n")
    phone.press("Awa Ceesay").reads(
        """CON C'est fait, Awa.
        1 Ma taxe
        2 Vendre
        3 Prix
        4 Lumo
        5 Plus"""
    )
    phone.press("1").reads(
        """CON Fruits légumes, Serrekunda
        Tarif à vérifier: depuis 2020, dit le 3 mar 2020
        Un jour: D10
        1 Ma carte de place
        0 Retour"""
    )


def test_a_stall_card(world: World) -> None:
    card = add_stall(world)
    phone = world.phone().dial().press("2", "1", "1", "12345")
    phone.sees("CON Carte: 6 chiffres, ou 1\nTapez le numéro de votre carte de place.")
    phone.press(card).reads("CON Place B12, Bakoteh. Elle est à vous ?\n1 Oui\n2 Non\n0 Retour")
    phone.press("1", "1", "Awa").sees("CON C'est fait, Awa.")
    other = world.phone(BINTA).dial().press("2", "1", "1", card)
    other.reads(
        """CON La place B12 a déjà un nom. La commune va regarder.
        1 Continuer
        2 Retaper
        0 Retour"""
    )


def test_who_does_not_join_loses_nothing(world: World) -> None:
    phone = buyer(world).press("2")
    phone.reads("CON Entrez d'abord. 5 réponses suffisent.\n1 Entrer\n9 Vérifier un code\n0 Retour")
    phone.press("1", "2").reads(
        "END Vous n'entrez pas. Pas de souci. Pour voir les prix, faites le *384*220#, puis 3."
    )


def test_lumo(world: World) -> None:
    phone = buyer(world).press("4")
    phone.reads(
        """CON Prochain: Farafenni, dim 22 nov
        1 Aujourd'hui
        2 Demain
        3 Un autre jour
        4 Choisir un lieu
        5 Fermé ou changé
        0 Retour"""
    )
    phone.press("2").reads("CON lun 23 nov\n1 Wassu\n2 Sare Ngai\n3 Kudang\n0 Retour")
    phone.press("1").reads(
        "CON Wassu: chaque lundi\nPas aujourd'hui\nProchain: lun 23 nov\n2 Les prix\n0 Retour"
    )
    phone.press("00", "4", "3").sees("CON Quel jour ?\n1 lundi", "7 dimanche").press("5").reads(
        """CON Pas de lumo le ven 27 nov.
        Prochain: Brikamaba, sam 28 nov
        1 Voir ce lumo
        3 Un autre jour
        0 Retour"""
    )
    phone.press("00", "4", "4").sees("CON Quel lumo ? Un chiffre, ou tapez un lieu.\n1 Farafenni")
    phone.press("Xyzzyqw").sees("CON Nous ne connaissons pas ce lieu: Xyzzyqw\nTapez-le autrement.")
    phone.press("bansang").reads(
        "CON Le jour de Bansang n'est pas encore connu.\n1 Je le connais\n0 Retour"
    )
    phone.press("1").sees("CON Bansang, c'est le\n1 lundi").press("4")
    phone.reads("END Merci. La commune va vérifier. Bansang: jeudi")


def test_a_closed_and_a_moved_lumo(world: World) -> None:
    phone = buyer(world).press("4", "5")
    phone.reads("CON Aucun lumo fermé, aucun changé.\n1 Aujourd'hui\n2 Demain\n0 Retour")
    by = By("test:closed", "en", world.clock.now(), "operator", "test", "cli")
    moved = By("test:moved", "en", world.clock.now(), "operator", "test", "cli")
    with world.db.transaction() as session:
        farafenni, wassu = market_id(world, "farafenni"), market_id(world, "wassu")
        announce_change(session, closure(farafenni, date(2026, 11, 16), date(2026, 11, 30)), by)
        announce_change(session, move(wassu, date(2026, 11, 23), date(2026, 11, 25)), moved)
    phone.press("00", "4", "5").sees(
        "CON Fermé ou changé\n", "Farafenni Fermé, fin lun 30 nov", "Wassu Passe au mer 25 nov"
    )


def test_settings(world: World) -> None:
    phone = trader(world).dial().press("5")
    phone.reads("CON Plus\n2 Où va notre argent ?\n3 Réglages\n6 Ce service\n0 Retour")
    phone.press("3").reads(
        """CON Réglages
        1 Langue
        3 Qui voit mon numéro
        4 Mon nom, ma place
        5 Partir
        0 Retour"""
    )
    phone.press("3").reads(
        """CON Qui voit mon numéro ? Maintenant: Ceux à qui je dis oui
        1 Personne
        2 Ceux à qui je dis oui
        3 Tous les acheteurs
        0 Retour"""
    )
    phone.press("3").reads("CON C'est noté: Tous les acheteurs\n1 Réglages\n00 Début")
    phone.press("1", "4").reads(
        """CON Awa, Serrekunda
        1 Nom
        2 Marché
        3 Carte de place
        4 Produit
        5 Femme ou homme
        0 Retour"""
    )
    phone.press("5").reads(
        """CON C'est pour compter, sans nom. Vous pouvez dire non.
        1 Femme
        2 Homme
        3 Je ne dis pas
        0 Retour"""
    )
    phone.press("1").sees("CON C'est noté: Femme\n")
    phone.press("1", "1", "4").reads(
        """CON Wolof est encore un essai. On peut y trouver des mots faux.
        1 Continuer
        2 Prendre l'anglais"""
    )


def test_what_it_says_of_itself(world: World) -> None:
    phone = buyer(world).press("5", "6")
    phone.reads("CON Ce service\n2 Qui s'en occupe\n3 Comment taper\n0 Retour").press("3")
    phone.reads(
        "CON Tapez un chiffre que vous voyez, puis envoyez. 0: retour. 00: début."
        " Ligne coupée ? Refaites le numéro et continuez.\n0 Retour"
    )


def test_leaving_and_staying(world: World) -> None:
    awa = trader(world)
    phone = awa.dial("5*3*5").reads(
        """CON Nom et numéro sont effacés. Vos produits sont retirés. \
Ventes et paiements passés restent, sans nom.
        1 Effacez-moi
        2 Non, je reste
        0 Retour"""
    )
    phone.press("1").reads(
        "END C'est fait. Le dim 29 nov, votre nom et votre numéro seront effacés."
        " Pour rester, faites le *384*220# avant ce jour."
    )
    phone = awa.dial().reads(
        """CON Vous avez demandé à partir. Le dim 29 nov, votre nom et votre numéro seront effacés.
        1 Je reste
        2 Je pars
        3 Voir les prix"""
    )
    phone.press("1").sees("1 Ma taxe").press("0")
    phone.reads("END Merci. Rien n'est perdu. Faites le *384*220# quand vous voulez.")


def test_a_cut_line_goes_on(world: World) -> None:
    awa = trader(world)
    awa.dial().press("2", "1", "oignon", "20", "1").sees("Prix par sac ?")
    world.restart()
    phone = awa.dial().reads(
        """CON Continuer ici ?
        Vendre 20 oignon
        1 Oui
        2 Du début"""
    )
    phone.press("1").sees("Prix par sac ?").press("1500").sees("1 Oui, vendre")


def test_three_wrong_keys(world: World) -> None:
    phone = buyer(world).press("4", "77").sees("CON Tapez 1 à 5\nProchain").press("77", "77")
    phone.reads(
        """CON 3 fois la mauvaise touche.
        Tapez seulement un chiffre que vous voyez.
        1 Montrer encore
        00 Début"""
    )
    phone.press("1").sees("CON Prochain: Farafenni")


def test_a_draft_falls_back_message_by_message(world: World) -> None:
    phone = (
        world.phone()
        .dial()
        .press("4", "1", "2")
        .reads(
            """CON Market Line
        1 My duty
        2 Jaay
        3 Njeg
        4 Luuma
        5 More"""
        )
    )
    phone.press("4").sees("CON Next: Farafenni, Dib 22 Nov\n1 Tey\n2 Next day").press("3")
    phone.sees("CON Which day?\n1 Altine\n2 Talaata\n3 Alarba", "7 Dibéer\n0 Back")
