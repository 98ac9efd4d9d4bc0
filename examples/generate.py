#!/usr/bin/env python3
"""Writes bank_statement.csv and ledger.csv, the two files of the demo: October 2026 at a small trading
company, as its bank sends it and as its books have it. The same seed gives the same bytes."""

import csv
import datetime
import io
import os
import random
import unicodedata

rng = random.Random(20261031)
HERE = os.path.dirname(os.path.abspath(__file__))
LAST = datetime.date(2026, 10, 30)  # the bank's last business day of the month

CUSTOMERS = """Müller & Söhne GmbH|Bäckerei Krüger|Łukasz Wiśniewski|José Álvarez|Åsa Lindström|Dvořák Strojírny s.r.o.
Société Bâtimat SARL|Françoise Lefèvre|Jürgen Weiß|Hotel Schönblick|Gärtnerei Grünwald|Nørgaard Møbler ApS|O'Brien Ltd
Café Zürich AG|Peña e Hijos S.L.|Schreinerei Höß|Katarína Šimková|Stadtwerke Köln|Anders Sjöberg|Metallbau Pröll KG
Ibérica Transportes SA|Fahrradladen Böhm|Márta Szabó|Kovács és Társa Kft.|Dr. Hélène Dubois|Weingut Löwenstein
Thomas Becker|Sabine Hoffmann|Lindqvist Bygg AB|Trattoria Perù|Günther Optik|Praxis Dr. Öztürk|Elena Muñoz
Autohaus Jäger|Björn Håkansson|Tischlerei Rößler|Papeterie Côté|Zoë Naïm|Brauerei Bräustüble|Petr Novák
Harrison Supplies plc|Kingfisher Trading LLC|Delaware Fittings Inc.|Norwich Tools Ltd|Ana Sofía Ruiz|Karl Lehmann""".replace("\n", "|").split("|")
SUPPLIERS = """Stahlhandel Nord GmbH|Spedition Überland|Énergie Directe SA|Büromarkt Völkel|Versicherung Säntis AG
Telefónica Móvil|Werkzeuge Schäfer|Chemie Göteborg AB|Verpackung Früh|Pražská Doprava a.s.|Reinigung Blitzblank
Leasing Südwest GmbH|Shenzhen Parts Co.|Sheffield Steel Ltd""".replace("\n", "|").split("|")
ROUND = [100_00, 50_00, 1200_00, 250_00, 500_00, 1000_00, 75_00]


def business_days(first, last):
    days = [first + datetime.timedelta(n) for n in range((last - first).days + 1)]
    return [d for d in days if d.weekday() < 5]


DAYS = business_days(datetime.date(2026, 10, 1), LAST)


def booked_after(day, low=0, high=3):
    """The bank's day for a ledger day: most the same or the next one, business days only."""
    days = business_days(day + datetime.timedelta(low), min(day + datetime.timedelta(high), LAST))
    weights = [9, 7, 3, 1][:len(days)]
    return rng.choices(days, weights)[0] if days else LAST


def cents(event_kind):
    if rng.random() < 0.09:
        return rng.choice(ROUND)
    return max(450, int(rng.lognormvariate(5.6 if event_kind == "in" else 6.2, 1.1) * 100))


def bank_name(name):
    """Names pass through other banks' systems: folded, shouted, cut to 27 characters."""
    how = rng.random()
    if how < 0.25:
        for a, b in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ö", "Oe"), ("Ü", "Ue")):
            name = name.replace(a, b)
        name = unicodedata.normalize("NFKD", name.replace("Ł", "L").replace("ø", "o")).encode("ascii", "ignore").decode()
    if rng.random() < 0.3:
        name = name.upper().replace("ß", "SS")
    return name[:27]


def reformat(ref):
    """The same reference, as payers type it: still equal once upper-cased and stripped to letters and digits."""
    return rng.choice([ref.replace("-", ""), ref.replace("-", " "), ref.lower(), ref.replace("-", "/")])


def garble(ref):
    """A reference with a fault that normalisation does not heal."""
    how = rng.randrange(4)
    i = rng.randrange(len(ref) - 4, len(ref))
    if how == 0:  # another digit
        return ref[:i] + rng.choice([c for c in "0123456789" if c != ref[i]]) + ref[i + 1:]
    if how == 1 and ref[i - 1] != ref[i]:  # two swapped
        return ref[:i - 1] + ref[i] + ref[i - 1] + ref[i + 1:]
    if how == 2:  # cut
        return ref[:-2]
    return ref[:i] + ref[i + 1:]  # one lost


def iban(name):
    seed = sum((i + 1) * ord(c) for i, c in enumerate(name))
    return "DE%02d%s" % (10 + seed % 89, str(3705019800000000 + seed * 7919 % 10 ** 10) + "%02d" % (seed % 97))


ledger, bank = [], []
numbers = {"in": 10400, "out": 3100}


def new_reference(kind):
    numbers[kind] += rng.randrange(1, 4)
    return ("RE-2026-%05d" if kind == "in" else "PAY-2026-%04d") % numbers[kind]


def add_ledger(day, ref, name, amount, currency, text):
    ledger.append([day, ref, name, amount, currency, text])


def add_bank(day, name, ref, amount, currency, purpose):
    bank.append([day, day + datetime.timedelta(rng.random() < 0.2), bank_name(name), ref, amount, currency, purpose, iban(name)])


def event():
    kind = "in" if rng.random() < 0.72 else "out"
    name = rng.choice(CUSTOMERS if kind == "in" else SUPPLIERS)
    currency = rng.choices(["EUR", "USD", "GBP"], [88, 7, 5])[0]
    if any(w in name for w in ("Ltd", "plc")):
        currency = "GBP"
    elif any(w in name for w in ("LLC", "Inc.", "Shenzhen")):
        currency = "USD"
    amount = cents(kind) * (1 if kind == "in" else -1)
    text = rng.choice(["Invoice", "Invoice", "Down payment", "Order", "Service"] if kind == "in"
                      else ["Supplier invoice", "Freight", "Rent", "Insurance", "Material"])
    return rng.choice(DAYS), new_reference(kind), name, amount, currency, text


def purpose(text, ref, name):
    return rng.choice(["%s %s" % (text, ref), "%s %s, thank you" % (ref, name.split()[0]), "%s" % ref,
                       "%s no. %s of %02d.09.2026" % (text, ref, rng.randrange(1, 31))])


for n in range(848):  # the same on both sides, but for the date and the spelling of the reference
    day, ref, name, amount, currency, text = event()
    add_ledger(day, ref, name, amount, currency, text)
    shown = reformat(ref) if rng.random() < 0.15 else ref
    add_bank(booked_after(day), name, shown, amount, currency, purpose(text, shown, name))

for n in range(52):  # a fee or the exchange rate took up to 0.5 %
    day, ref, name, amount, currency, text = event()
    amount = abs(amount) + 200_00 if amount > 0 else amount - 200_00
    off = max(1, abs(amount) * rng.randrange(4, 44) // 10000)
    add_ledger(day, ref, name, amount, currency, text)
    shown = ref if rng.random() < 0.7 else garble(ref)
    add_bank(booked_after(day, 0, 2), name, shown, amount - off, currency,
             rng.choice(["%s less bank charges" % shown, "%s at the day's rate" % shown]))

for n in range(34):  # a garbled reference
    day, ref, name, amount, currency, text = event()
    add_ledger(day, ref, name, amount, currency, text)
    shown = garble(ref)
    add_bank(booked_after(day, 0, 2), name, shown, amount, currency, purpose(text, shown, name))

for n in range(22):  # none at all
    day, ref, name, amount, currency, text = event()
    add_ledger(day, ref, name, amount, currency, text)
    add_bank(booked_after(day, 0, 2), name, "NOTPROVIDED", amount, currency, rng.choice(["", "as agreed", "thanks!", text]))

for n in range(12):  # booked twice on one side
    day, ref, name, amount, currency, text = event()
    booked = booked_after(day)
    for copy in range(2 if n % 2 else 1):
        add_ledger(day, ref, name, amount, currency, text)
    for copy in range(1 if n % 2 else 2):
        add_bank(booked, name, ref, amount, currency, "%s %s" % (text, ref))

for n in range(6):  # too much taken, too late and under a wrong number, all at once: a near miss
    amount = 0
    while amount <= 0:
        day, ref, name, amount, currency, text = event()
    day, amount = DAYS[3 + 2 * n], amount + 300_00
    add_ledger(day, ref, name, amount, currency, text)
    shown = garble(garble(ref))
    add_bank(booked_after(day, 3, 4), name, shown, amount - amount * (47 + n % 3) // 10000, currency, "%s less charges" % shown)

# one payment, two that it could be for: who is Meier?
for amount, day, payer, first, second in ((480_00, 5, "Meier GmbH", "Maier GmbH", "Meyer GmbH"),
                                          (1200_00, 9, "Hanssen", "Hansson", "Hannsen"),
                                          (100_00, 14, "Schmit KG", "Schmitt KG", "Schmidt KG")):
    for name in (first, second):
        add_ledger(DAYS[day], new_reference("in"), name, amount, "EUR", "Rent" if amount == 1200_00 else "Invoice")
    add_bank(DAYS[day], payer, "NOTPROVIDED", amount, "EUR", "October")

for n in range(30):  # only the bank knows
    day = rng.choice(DAYS)
    name, amount, text = rng.choice([("Kontoführung", -1490, "Account fees"), ("Zinsen", 312, "Interest"),
                                     ("Card payment", -rng.randrange(800, 9000), "Fuel station"),
                                     ("SEPA return", -rng.randrange(2000, 60000), "Insufficient funds"),
                                     ("Finanzamt", -rng.randrange(20000, 400000), "VAT 09/2026"),
                                     (rng.choice(CUSTOMERS), rng.randrange(1000, 90000), "paid by mistake")])
    add_bank(day, name, "NOTPROVIDED", amount, "EUR", text)

for n in range(30):  # only the books know: not paid yet
    day, ref, name, amount, currency, text = event()
    add_ledger(rng.choice(DAYS[-8:]), ref, name, amount, currency, text)


def comma(amount):
    return "{:,.2f}".format(abs(amount) / 100).replace(",", "_").replace(".", ",").replace("_", ".")


bank.sort(key=lambda r: (r[0], r[2], r[4], r[3]))
ledger.sort(key=lambda r: (r[0], r[1], r[2]))

lines = ["Booking date;Value date;Transaction ID;Counterparty;IBAN;Reference;Purpose;Debit;Credit;Currency"]
for n, (day, value, name, ref, amount, currency, text, account) in enumerate(bank):
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(
        [day.strftime("%d.%m.%Y"), value.strftime("%d.%m.%Y"), "B26%02d-%06d" % (day.month, 118200 + 7 * n), name,
         account, ref, text, comma(amount) if amount < 0 else "", comma(amount) if amount > 0 else "", currency])
    lines.append(out.getvalue())

# what goes wrong in files from elsewhere
head = "05.10.2026;05.10.2026;B2610-9000%02d;%s;DE02120300000000202051;%s;%s;%s;%s;EUR"
bad = [(120, (head % (1, "Thomas Becker", "RE-2026-10517", "Invoice", "", "210,00")).replace("05.10", "31.09", 1).encode()),
       (260, (head % (2, "Sabine Hoffmann", "RE-2026-10611", "Order", "", "1.2O5,00")).encode()),
       (390, (head % (3, "Karl Lehmann", "RE-2026-10702", "Invoice; again", "", "89,90")).encode()),
       (520, (head % (4, "M\u00fcller & S\u00f6hne GmbH", "RE-2026-10803", "Invoice", "", "330,25")).encode("latin-1")),
       (650, (head % (5, "Metallbau Pr\u00f6ll KG", "RE-2026-10911", 'Tube 3/4"', "", "145,60")).encode()),
       (780, (head % (6, "Elena Mu\u00f1oz", "RE-2026-11020", "Down payment", "", "")).encode())]
data = [line.encode() for line in lines]
for at, line in reversed(bad):
    data.insert(at, line)
with open(os.path.join(HERE, "bank_statement.csv"), "wb") as f:
    f.write(b"\r\n".join(data) + b"\r\n")

out = io.StringIO()
writer = csv.writer(out, lineterminator="\n")
writer.writerow(["entry_no", "posting_date", "document_no", "customer", "amount", "currency", "text"])
for n, (day, ref, name, amount, currency, text) in enumerate(ledger):
    writer.writerow(["L%06d" % (70100 + n), day.isoformat(), ref, name, "%.2f" % (amount / 100), currency, text])
    if n == 333:
        writer.writerow(["L089901", "2026-10-32", "RE-2026-10650", "Petr Novák", "410.00", "EUR", "Invoice"])
    if n == 666:
        writer.writerow(["L089902", "2026-10-21", "RE-2026-10990", "Zoë Naïm", "n/a", "EUR", "Service"])
with open(os.path.join(HERE, "ledger.csv"), "w", encoding="utf-8", newline="") as f:
    f.write(out.getvalue())
