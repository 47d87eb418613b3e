"""Mon travail: the collector's day in French, word for word. It is Sunday 22 November 2026."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.fixtures.collectors import COLLECTOR, PIN, badge, collectors, ends, works
from tests.fixtures.fees import DUTY, TODAY, stall_card, take
from tests.fixtures.phone import Phone
from tests.fixtures.stalls import add_stall
from tests.fixtures.world import SUNDAY, World


def code_of(phone: Phone) -> str:
    found = re.search(r"\b[2-9A-Z]{4} [2-9A-Z]{4}\b", phone.screen)
    assert found, phone.screen
    return found[0]


def test_pin_and_menus(world: World) -> None:
    council = collectors(world, language="fr")
    phone = world.phone(COLLECTOR).dial().sees("5 Plus\n6 Mon travail")
    phone.press("6").reads("CON Mon travail\nTapez votre PIN.\n0 Retour")
    phone.press("77").sees("CON Un PIN a 4 chiffres.\nMon travail")
    phone.press("1111").sees("CON PIN faux. Reste 2 fois\nMon travail")
    phone.press("1111").sees("CON PIN faux. Reste 1 fois\nMon travail")
    phone.press(PIN).reads(
        f"""CON Badge {badge(council)}
        Vous tenez D0
        1 Agent
        0 Retour"""
    )
    phone.press("1").reads(
        """CON Latrikunda: 0 tickets ce jour
        Vous tenez D0
        1 Ticket
        2 Aujourd'hui
        4 Corriger un ticket
        0 Retour"""
    )
    for _ in range(3):
        world.phone(COLLECTOR).dial("6").press("1111")
    world.phone(COLLECTOR).dial("6").press(PIN).reads(
        "END Trop de PIN faux. Attendez 24 heures. Ou demandez un nouveau PIN à la commune."
    )


def test_a_ticket_arrears_and_what_is_paid(world: World) -> None:
    council = collectors(world, language="fr")
    yesterday = TODAY - timedelta(days=1)
    take(world, council, "p", DUTY // 2, day=yesterday, now=SUNDAY - timedelta(days=1))
    phone = works(world, "1").reads(
        """CON Ticket. Tapez la carte de place ou le numéro.
        1 Ni carte ni numéro
        0 Retour"""
    )
    phone.press("x").sees("CON Carte 6, tél. 7 ou 9 chiffres\nTicket.")
    phone.press(stall_card(0)).reads(
        """CON Test-0 T0, Fruits légumes
        1 Ce jour D10
        2 Ce jour et avant D15
        3 Autre montant
        0 Retour"""
    )
    phone.press("3", "x").reads(
        """CON De D1 à D325
        T0 doit D15. Combien recevez-vous ? Tapez-le.
        0 Retour"""
    )
    phone.press("10").reads(
        """CON T0: prenez D10
        1 Billets en main
        0 Retour"""
    )
    phone.press("1")
    code = code_of(phone)
    phone.reads(
        f"""CON Ticket {code}. Un SMS part.
        T0 a payé D10
        1 Autre ticket
        00 Début"""
    )
    works(world, "1", stall_card(0)).reads(
        f"""CON T0 a payé ce jour. Ticket {code}, 09:00. Pas de taxe pour ce jour.
        2 Taxe avant D5
        3 Autre montant
        8 Suivant
        0 Retour"""
    )


def test_what_is_refused(world: World) -> None:
    council = collectors(world, language="fr")
    works(world, "1", "7654321").reads(
        """CON Ni place ni vendeur n'a 7654321.
        1 Retaper
        2 Ni carte ni numéro
        0 Retour"""
    )
    vacant = add_stall(world, market="latrikunda", number="L9")
    works(world, "1", vacant).sees("CON Personne ne tient cette place dans notre liste.")
    ends(world, council, TODAY - timedelta(days=1))
    world.phone(COLLECTOR).dial("6").reads(
        f"END Badge {badge(council)} fini le sam 21 nov. Ne prenez plus de taxe."
        " Remettez à la commune: D0"
    )


def test_the_day_and_a_ticket_taken_back(world: World) -> None:
    collectors(world, language="fr")
    phone = works(world, "1", "1").sees("CON Vend quoi ?\n1 Fruits légumes\n2 Poisson")
    phone.press("1", "1", "1")
    code = code_of(phone)
    phone.reads(
        f"""CON Ecrivez sur le papier: {code}
        Payé D10
        1 Autre ticket
        00 Début"""
    )
    phone = works(world, "2").reads(
        """CON dim 22 nov: 1 ticket
        Espèces D10
        Vous tenez D10
        1 Derniers tickets
        2 Envoyer par SMS
        0 Retour"""
    )
    phone.press("1").sees("CON Derniers tickets\n1 Fruits légumes, 09:00 D10")
    works(world, "2", "2").reads("END Nous envoyons un SMS. Vous tenez D10")
    phone = works(world, "4", "1").sees(f"CON {code}, 09:00, Fruits légumes: D10\n1 L'annuler")
    phone.press("1").reads(
        """CON Pourquoi ?
        1 Je me suis trompé
        2 Vendeur n'a pas payé
        3 Payé deux fois
        4 Autre
        0 Retour"""
    )
    phone.press("4").sees(f"CON Annuler {code}, Fruits légumes ? D10\n1 Oui\n2 Non")
    phone.press("1").reads(
        f"END Annulé. Barrez le ticket papier. Ticket {code}: D10. Vous tenez D0"
    )
    phone = works(world, "1", stall_card(0), "1", "1")
    first = code_of(phone)
    works(world, "1", stall_card(1), "1", "1")
    phone = works(world, "4", first, "1", "1").sees(
        f"CON Annuler {first}, T0 ? Le chef du marché doit d'abord dire oui. D10"
    )
    phone.press("1").reads(
        f"END Demandé. Il compte jusqu'au oui du chef du marché. Ticket {first}: D10"
    )
