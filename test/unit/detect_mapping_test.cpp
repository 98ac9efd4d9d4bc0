// suggest_mapping on the exports of banks in seven languages (all invented), and that what it says
// loads them.
#include <gtest/gtest.h>

#include "detect_support.hpp"

namespace recon::test {
namespace {

constexpr std::string_view german =
    "Umsatzanzeige;Datei erstellt am: 01.03.2024\n;\nIBAN;DE89370400440532013000\n"
    "Saldo;1.234,56;EUR\n\n"
    "Buchung;Valuta;Auftraggeber/Empf\xe4nger;Buchungstext;Verwendungszweck;Saldo;W\xe4hrung;"
    "Betrag;W\xe4hrung\n"
    "29.02.2024;01.03.2024;Laden GmbH;Lastschrift;Einkauf, Karte 12;1.234,56;EUR;-45,90;EUR\n"
    "28.02.2024;28.02.2024;M\xfcller AG;Gehalt;Gehalt Februar;1.280,46;EUR;2.500,00;EUR\n"
    "27.02.2024;27.02.2024;Stadtwerke;Lastschrift;Abschlag;-1.219,54;EUR;-80,00;EUR\n";

TEST(DetectMapping, GermanWithPreamble) {
    Suggested s(german);
    EXPECT_EQ(s.dialect("delimiter"), "\";\"");
    EXPECT_EQ(s.dialect("encoding"), "\"LATIN1\"");
    EXPECT_EQ(s.dialect("skip_lines"), "5");
    EXPECT_EQ(s.dialect("header"), "true");
    EXPECT_EQ(s.field("transaction_date"), R"({"column": "Buchung", "format": "DD.MM.YYYY"})");
    EXPECT_EQ(s.field("value_date"), R"({"column": "Valuta", "format": "DD.MM.YYYY"})");
    EXPECT_EQ(s.field("amount"), R"({"column": "Betrag", "decimal": ",", "thousands": "."})");
    EXPECT_EQ(s.field("description"), "\"Verwendungszweck\"");
    EXPECT_EQ(s.field("counterparty"), "\"Auftraggeber/Empf\u00e4nger\"");
    EXPECT_EQ(s.field("currency"), "9");  // named twice; the one beside the amount
    EXPECT_EQ(s.field("Saldo"),
              R"({"column": "Saldo", "type": "numeric", "decimal": ",", "thousands": "."})");
    EXPECT_EQ(s.notes(), "[]");
    Lines lines = loaded(german);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[1],
              "8: transaction_date=2024-02-28 value_date=2024-02-28 amount=2500.00 currency='EUR' "
              "counterparty='M\u00fcller AG' description='Gehalt Februar' Buchungstext='Gehalt' "
              "Saldo=1280.46 W\u00e4hrung='EUR'");
}

TEST(DetectMapping, EnglishWithDebitAndCredit) {
    constexpr std::string_view sample =
        "Date,Description,Debit,Credit,Balance\n03/15/2024,\"ACME, Inc\",45.00,,955.00\n"
        "03/16/2024,Salary,,\"1,200.00\",\"2,155.00\"\n03/17/2024,Rent,800.00,,\"1,355.00\"\n";
    Suggested s(sample);
    EXPECT_EQ(s.field("transaction_date"), R"({"column": "Date", "format": "MM/DD/YYYY"})");
    EXPECT_EQ(s.field("amount"), R"({"debit": "Debit", "credit": "Credit", "thousands": ","})");
    EXPECT_GE(s.sure("overall"), 0.8);
    EXPECT_EQ(loaded(sample),
              (Lines{"2: transaction_date=2024-03-15 amount=-45.00 description='ACME, Inc' "
                     "Balance=955.00",
                     "3: transaction_date=2024-03-16 amount=1200.00 description='Salary' "
                     "Balance=2155.00",
                     "4: transaction_date=2024-03-17 amount=-800.00 description='Rent' "
                     "Balance=1355.00"}));
}

TEST(DetectMapping, FrenchQuotedEmptyAndSpacesInNumbers) {
    constexpr std::string_view sample =
        "\"Date op\u00e9ration\";\"Date de valeur\";\"Libell\u00e9\";\"D\u00e9bit "
        "euros\";\"Cr\u00e9dit euros\"\r\n"
        "\"31/01/2024\";\"01/02/2024\";\"VIREMENT L'ATELIER\";\"\";\"1 200,00\"\r\n"
        "\"02/02/2024\";\"02/02/2024\";\"CARTE\";\"45,10\";\"\"\r\n";
    Suggested s(sample);
    EXPECT_EQ(s.field("value_date"), R"({"column": "Date de valeur", "format": "DD/MM/YYYY"})");
    EXPECT_EQ(loaded(sample),
              (Lines{"2: transaction_date=2024-01-31 value_date=2024-02-01 amount=1200.00 "
                     "description='VIREMENT L'ATELIER'",
                     "3: transaction_date=2024-02-02 value_date=2024-02-02 amount=-45.10 "
                     "description='CARTE'"}));
}

TEST(DetectMapping, SpanishItalianPortuguese) {
    constexpr std::string_view spanish =
        "Fecha;Concepto;Importe;Saldo\n15/02/2024;Compra;-12,50;100,00\n"
        "16/02/2024;N\xc3\xb3mina;1.500,00;1.600,00\n";
    EXPECT_EQ(
        loaded(spanish),
        (Lines{"2: transaction_date=2024-02-15 amount=-12.50 description='Compra' Saldo=100.00",
               "3: transaction_date=2024-02-16 amount=1500.00 description='N\u00f3mina' "
               "Saldo=1600.00"}));
    constexpr std::string_view italian =
        "Data,Valuta,Causale,Importo,Divisa\n2024-01-05,2024-01-07,Bonifico,\"1.000,50\",EUR\n"
        "2024-01-06,2024-01-08,Prelievo,\"-100,00\",EUR\n";
    EXPECT_EQ(loaded(italian), (Lines{"2: transaction_date=2024-01-05 value_date=2024-01-07 "
                                      "amount=1000.50 currency='EUR' description='Bonifico'",
                                      "3: transaction_date=2024-01-06 value_date=2024-01-08 "
                                      "amount=-100.00 currency='EUR' description='Prelievo'"}));
    constexpr std::string_view portuguese =
        "Data Mov.\tData Valor\tDescri\xc3\xa7\xc3\xa3o\tD\xc3\xa9"
        "bito\tCr\xc3\xa9"
        "dito\n"
        "05-01-2024\t05-01-2024\tCompra\t10,00\t\n25-01-2024\t26-01-2024\tSal\xc3\xa1rio\t\t1.500,"
        "00\n";
    EXPECT_EQ(loaded(portuguese), (Lines{"2: transaction_date=2024-01-05 value_date=2024-01-05 "
                                         "amount=-10.00 description='Compra'",
                                         "3: transaction_date=2024-01-25 value_date=2024-01-26 "
                                         "amount=1500.00 description='Sal\u00e1rio'"}));
}

TEST(DetectMapping, DutchSaysThatTheSignIsElsewhere) {
    constexpr std::string_view sample =
        "\"Datum\",\"Naam / Omschrijving\",\"Rekening\",\"Af Bij\",\"Bedrag "
        "(EUR)\",\"Mededelingen\"\n"
        "\"20240105\",\"Kruidenier\",\"NL91ABNA0417164300\",\"Af\",\"12,50\",\"Pas 1\"\n"
        "\"20240106\",\"Werkgever\",\"NL91ABNA0417164300\",\"Bij\",\"2500,00\",\"Salaris\"\n";
    Suggested s(sample);
    EXPECT_EQ(s.field("transaction_date"), R"({"column": "Datum", "format": "YYYYMMDD"})");
    EXPECT_EQ(s.field("amount"), R"j({"column": "Bedrag (EUR)", "decimal": ","})j");
    EXPECT_EQ(s.field("description"), "\"Mededelingen\"");
    EXPECT_EQ(s.field("counterparty"), "\"Naam / Omschrijving\"");
    EXPECT_LE(s.sure("amount"), 0.5);
    EXPECT_NE(s.notes().find("Af Bij"), std::string::npos);
    EXPECT_EQ(loaded(sample).size(), 2u);
}

TEST(DetectMapping, WithoutHeaderByNumber) {
    constexpr std::string_view sample =
        "2024-01-05|Coffee shop in town|-3.50|EUR\n2024-01-06|Another long text|10.00|EUR\n"
        "2024-01-07|Third row here|-1.25|EUR\n";
    Suggested s(sample);
    EXPECT_EQ(s.dialect("header"), "false");
    EXPECT_EQ(s.field("amount"), "3");
    EXPECT_LE(s.sure("overall"), 0.6);
    EXPECT_EQ(
        loaded(sample)[0],
        "1: transaction_date=2024-01-05 amount=-3.50 currency='EUR' description='Coffee shop in "
        "town'");
}

TEST(DetectMapping, AmbiguityIsSaid) {
    Suggested dates("date,amount\n01/02/2024,5.00\n03/01/2024,6.00\n02/03/2024,7.00\n");
    EXPECT_EQ(dates.sure("transaction_date"), 0.5);
    EXPECT_NE(dates.notes().find("more than one order"), std::string::npos);
    // Sorted rows tell.
    Suggested sorted(
        "date,amount\n01/02/2024,5.00\n03/02/2024,6.00\n05/02/2024,7.00\n01/03/2024,8.00\n");
    EXPECT_EQ(sorted.field("transaction_date"), R"({"column": "date", "format": "DD/MM/YYYY"})");
    EXPECT_EQ(sorted.sure("transaction_date"), 0.85);
    // Another column tells.
    Suggested other(
        "date,value date,amount\n01/02/2024,01/14/2024,5.00\n03/01/2024,02/12/2024,6\n");
    EXPECT_EQ(other.field("transaction_date"), R"({"column": "date", "format": "MM/DD/YYYY"})");
    Suggested numbers("date,amount\n2024-01-01,1.234\n2024-01-02,5.678\n");
    EXPECT_EQ(numbers.sure("amount"), 0.5);
    EXPECT_NE(numbers.notes().find("whole thousands"), std::string::npos);
    Suggested settled("date,amount,fee\n2024-01-01,1.234,\"0,5\"\n2024-01-02,5.678,\"1,25\"\n");
    EXPECT_EQ(settled.field("amount"), R"({"column": "amount", "decimal": ",", "thousands": "."})");
}

TEST(DetectMapping, NegativeDebitsAreNotHidden) {
    Suggested s("date,debit,credit\n2024-01-01,-5.00,\n2024-01-02,,6.00\n");
    EXPECT_LE(s.sure("amount"), 0.2);
    EXPECT_NE(s.notes().find("negative debits"), std::string::npos);
}

TEST(DetectMapping, NotationsOfNumbers) {
    auto amount_of = [](const std::string& a, const std::string& b) {
        std::string sample = "date;amount\n2024-01-01;" + a + "\n2024-01-02;" + b + "\n";
        std::string result;
        for (const std::string& line : loaded(sample)) {
            auto at = line.find("amount=");
            result += (at == std::string::npos ? line : line.substr(at + 7)) + " ";
        }
        return result;
    };
    EXPECT_EQ(amount_of("1'234.50", "-5.00"), "1234.50 -5.00 ");
    EXPECT_EQ(amount_of("1\u2019"
                        "234.50",
                        "5.00-"),
              "1234.50 -5.00 ");
    EXPECT_EQ(amount_of("1\u202f"
                        "234,50 \u20ac",
                        "(5,00)"),
              "1234.50 -5.00 ");
    EXPECT_EQ(amount_of("1\u00a0"
                        "234,50",
                        "12,5"),
              "1234.50 12.5 ");
    EXPECT_EQ(amount_of("EUR 1,234.50", "$5.00"), "1234.50 5.00 ");
    EXPECT_EQ(amount_of("12.5 %", "7 %"), "12.5 7 ");
    EXPECT_EQ(amount_of("12.50", "n/a"), "12.50 3: transaction_date=2024-01-02 ");
}

TEST(DetectMapping, Attributes) {
    constexpr std::string_view sample =
        "id,date,amount,active,shop,booked at,code,reference,ref no,,when\n"
        "a1,2024-01-01,5.00,true,12,2024-01-01T10:00:00Z,007,R1,X1,,05-Jan-2024\n"
        "a2,2024-01-02,6.00,false,13,2024-01-02T11:30:00Z,010,R2,X2,,06-Jan-2024\n";
    Suggested s(sample);
    EXPECT_EQ(s.field("external_id"), "\"id\"");
    EXPECT_EQ(s.field("active"), R"({"column": "active", "type": "boolean"})");
    EXPECT_EQ(s.field("shop"), R"({"column": "shop", "type": "numeric"})");
    EXPECT_EQ(s.field("booked at"), R"({"column": "booked at", "type": "timestamptz"})");
    EXPECT_EQ(s.field("code"), "\"code\"");  // labels with leading zeros
    EXPECT_EQ(s.field("when"), R"({"column": "when", "type": "date", "format": "DD-Mon-YYYY"})");
    EXPECT_EQ(s.field("reference"), "\"reference\"");
    EXPECT_EQ(s.field("ref no"), "\"ref no\"");
    EXPECT_EQ(s.field("column_10"), "absent");
    for (const std::string& line : loaded(sample))
        EXPECT_EQ(line.find("REJECT"), std::string::npos);
    // An id that comes twice is no id of the record.
    EXPECT_EQ(Suggested("id,amount\nx,1\nx,2\n").field("external_id"), "absent");
}

TEST(DetectMapping, NoEvidence) {
    for (std::string_view sample : {"", "\n", "\n\n\r\n", "\xEF\xBB\xBF"}) {
        Suggested s(sample);
        EXPECT_EQ(s.mapping(), "null");
        EXPECT_EQ(s.sure("overall"), 0);
        EXPECT_NE(s.notes().find("no rows"), std::string::npos);
    }
    EXPECT_LE(Suggested("hello world\n").sure("overall"), 0.3);
    Suggested words("one\ntwo\nthree\n");
    EXPECT_LE(words.sure("overall"), 0.3);
    EXPECT_EQ(loaded("one\ntwo\nthree\n").size(), words.dialect("header") == "true" ? 2u : 3u);
    Suggested only_header("Buchungstag;Betrag;Verwendungszweck\n");
    EXPECT_EQ(only_header.dialect("header"), "true");
    EXPECT_EQ(only_header.field("amount"), "\"Betrag\"");
    EXPECT_LE(only_header.sure("overall"), 0.5);
}

}  // namespace
}  // namespace recon::test
