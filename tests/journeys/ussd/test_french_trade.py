"""Selling and prices in French, word for word. Today is Sunday 22 November 2026."""

from __future__ import annotations

from tests.fixtures.french import BINTA, buyer, trader
from tests.fixtures.world import World


def test_selling_new_goods(world: World) -> None:
    phone = trader(world).dial().press("2")
    phone.reads(
        """CON Vendre
        1 Nouveau produit
        2 Comme avant
        3 Mes produits
        5 Mes ventes
        0 Retour"""
    )
    phone.press("1").reads(
        """CON Que vendez-vous ? Un chiffre, ou tapez un mot.
        1 oignon
        2 tomate
        3 diakhatou
        0 Retour"""
    )
    phone.press("oignon").reads("CON oignon: combien ? Tapez un nombre.\n0 Retour")
    phone.press("mille").sees("CON Un nombre, comme 20\noignon: combien ?")
    phone.press("20").reads(
        """CON 20 de quoi ?
        1 sac
        2 kg
        3 tas
        4 bassine
        0 Retour"""
    )
    phone.press("1").reads("CON Prix par sac ? Tapez-le.\n0 Retour")
    phone.press("1500").reads(
        """CON 20 sacs oignon, Serrekunda
        Par sac: D1,500
        1 Oui, vendre
        2 Changer
        0 Retour"""
    )
    phone.press("2").reads(
        """CON Changer quoi ?
        1 Produit
        2 Combien
        3 Mesure
        4 Prix
        0 Retour"""
    )
    phone.press("4", "1400").sees("Par sac: D1,400").press("1").reads(
        "END En vente jusqu'au lun 23 nov: 20 sacs oignon. Les acheteurs peuvent demander."
        " Par sac: D1,400"
    )


def test_what_others_ask(world: World) -> None:
    trader(world, BINTA, "Binta").post(price=140_000)
    phone = trader(world).dial().press("2", "1", "oignon", "20", "1")
    phone.reads("CON Prix par sac ? Tapez-le.\nLes autres: D1,400\n0 Retour")
    phone.press("140").reads(
        """CON Les autres: D1,400 par sac. Est-ce bien votre prix: D140
        1 Oui
        2 Retaper
        0 Retour"""
    )


def test_a_word_that_nobody_knows(world: World) -> None:
    phone = trader(world).dial().press("2", "1", "xqzvw")
    phone.reads(
        """CON Nous ne connaissons pas: xqzvw
        Tapez-le autrement.
        1 Choisir dans la liste
        0 Retour"""
    )
    phone.press("1").sees("CON Quel genre ?\n1 Fruits légumes\n2 Poisson").press("2")
    phone.sees("CON Choisissez\n1 poisson\n")


def test_the_same_as_last_time(world: World) -> None:
    awa = trader(world)
    awa.dial("2*2").reads("CON Vous n'avez encore rien vendu ici.\n1 Nouveau produit\n0 Retour")
    awa.post()
    phone = awa.dial("2*2").reads(
        """CON Comme avant ?
        20 sacs oignon
        Par sac: D1,500
        1 Oui, vendre
        2 Autre prix
        3 Autre nombre
        0 Retour"""
    )
    phone.press("2").reads("CON oignon: nouveau prix par sac ? Avant D1,500\n0 Retour")
    phone.press("0", "3").reads("CON oignon: combien cette fois ? Avant 20 sacs\n0 Retour")
    phone.press("0", "1").sees("END En vente jusqu'au lun 23 nov: 20 sacs oignon.")


def test_my_goods_and_my_sales(world: World) -> None:
    awa = trader(world)
    awa.post()
    phone = awa.dial("2*3").reads("CON Mes produits\n1 oignon 20, D1,500\n0 Retour")
    phone.press("1").reads(
        """CON 20 sacs oignon, jusqu'au lun 23 nov
        Par sac: D1,500
        1 Tout vendu
        2 Une partie vendue
        3 Autre prix
        4 Retirer
        0 Retour"""
    )
    phone.press("2").reads(
        "CON oignon: combien en avez-vous vendu ? Vous avez 20 sacs. Tapez un nombre.\n0 Retour"
    )
    phone.press("21").sees("CON Un nombre, 20 au plus\n").press("5").reads(
        "END Vendu 5, noté. Encore en vente: 15 sacs oignon. Vous avez touché D7,500"
    )
    awa.later().press("2", "3", "1", "3", "1600").reads(
        "END Nouveau prix, les acheteurs le voient. oignon, par sac: D1,600"
    )
    phone = (
        awa.later()
        .press("2", "3", "1", "1")
        .reads(
            """CON Vendu: 15 sacs oignon. Bravo. Vous avez touché D24,000
        1 Pas autant
        2 Pas vendu, remettre
        00 Début"""
        )
    )
    phone.press("2").reads("END De nouveau en vente: 15 sacs oignon. Par sac: D1,600")
    awa.later().press("2", "3", "1", "4").reads(
        "END Retiré. Les acheteurs ne voient plus: oignon. Pour le vendre encore, tapez 2, 2."
    )
    awa.dial("2*3").reads(
        "CON Vous n'avez rien en vente.\n1 Nouveau produit\n2 Comme avant\n0 Retour"
    )
    phone = awa.dial("2*5").reads(
        """CON Cette semaine: 1 vente.
        Vous avez touché D7,500
        1 Dernières ventes
        2 Ajouter une vente
        0 Retour"""
    )
    phone.press("1").sees("CON Dernières ventes\n1 dim 22 nov oignon D7,500").press("1").reads(
        """CON dim 22 nov: 5 sacs oignon
        Vous avez touché D7,500
        1 Somme fausse
        2 Enlever
        0 Retour"""
    )
    phone.press("1").reads(
        "CON oignon: combien avez-vous touché ? Nous avons noté D7,500\n0 Retour"
    )
    phone.press("7000").reads("END Noté pour dim 22 nov: oignon. Vous avez touché D7,000")


def test_prices(world: World) -> None:
    for digit in range(4):
        phone = buyer(world, f"+220700000{digit}").press("3")
        phone.reads(
            """CON Prix
            1 Mon marché
            2 Tapez un produit
            3 Qui vend
            4 J'ai vu un prix
            0 Retour"""
        )
        phone.press("4").reads("CON Vous avez vu un prix ? Tapez le produit.\n0 Retour")
        phone.press("oignon").sees("CON Où ? Un chiffre, ou tapez un lieu.\n1 Serrekunda")
        phone.press("1").reads(
            """CON oignon: le prix par quoi ?
            1 sac
            2 kg
            3 tas
            4 bassine
            0 Retour"""
        )
        phone.press("1").reads(
            "CON oignon, Serrekunda: combien aujourd'hui par sac ? Tapez-le.\n0 Retour"
        )
        phone.press(str(1500 + 10 * digit)).sees(
            "CON Merci, les autres vont le voir.\noignon, Serrekunda, par sac: D1,5",
            "1 C'était ailleurs\n2 Un autre prix\n00 Début",
        )
    phone = buyer(world).press("3", "2").reads("CON Tapez un produit, comme riz.\n0 Retour")
    phone.press("*").sees("CON Un mot, comme riz\n")
    phone.press("oignon").sees("CON Où ?").press("1").reads(
        """CON oignon, par sac, Serrekunda
        D1,500 à D1,530, 4 avis, dim 22 nov
        Le plus souvent D1,515
        1 Ailleurs
        2 Qui vend
        0 Retour"""
    )
    phone.press("1").sees("CON oignon")
    phone.press("00", "3", "1").reads("CON Serrekunda\n1 oignon D1,515\n8 Autre marché\n0 Retour")
    phone.press("00", "3", "2", "tomate").reads(
        """CON Pas encore de prix: tomate, Serrekunda
        1 Ailleurs
        2 Qui vend
        4 J'ai vu un prix
        0 Retour"""
    )
    phone.press("1").reads("CON tomate: personne n'a encore dit le prix du kg.\n0 Retour")


def test_who_sells_it(world: World) -> None:
    trader(world, BINTA, "Binta").post()
    phone = buyer(world).press("3", "3")
    phone.reads("CON Que voulez-vous acheter ? Tapez-le, comme oignon.\n0 Retour")
    phone.press("oignon", "1").reads("CON oignon\n1 Serrekunda 20, D1,500\n0 Retour")
    phone.press("1").reads(
        """CON Binta, Serrekunda: 20 sacs oignon
        Par sac: D1,500
        1 Vendeur, appelez-moi
        0 Retour"""
    )
    phone.press("00", "3", "3", "tomate").reads(
        "CON tomate: personne n'en vend près de Serrekunda maintenant.\n3 Voir les prix\n0 Retour"
    )
