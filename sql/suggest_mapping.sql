\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- What a file's first bytes say of it, and that a source made of the suggestion loads the file. The banks are invented.
CREATE FUNCTION shown(sample bytea) RETURNS TABLE (part text, key text, value jsonb) LANGUAGE sql AS $$
SELECT p.key, v.key, v.value FROM jsonb_each(recon.suggest_mapping(sample)) p,
    LATERAL jsonb_each(CASE WHEN jsonb_typeof(p.value) = 'object' THEN p.value ELSE jsonb_build_object('', p.value) END) v
ORDER BY p.key COLLATE "C", v.key COLLATE "C" $$;
SELECT recon.create_project('suggest') AS p \gset
CREATE FUNCTION suggested(project_id bigint, name text, sample bytea) RETURNS bigint LANGUAGE sql AS $$
SELECT recon.create_source(project_id, name, s -> 'mapping', s -> 'dialect') FROM recon.suggest_mapping(sample) s $$;

-- German: a preamble, Latin letters of one byte, decimal comma; two columns of one name.
SELECT convert_to(E'Umsatzanzeige;Datei erstellt am: 01.03.2024\n;\nIBAN;DE89370400440532013000\nSaldo;1.234,56;EUR\n\n'
    'Buchung;Valuta;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung\n'
    '29.02.2024;01.03.2024;Laden GmbH;Lastschrift;Einkauf, Karte 12;1.234,56;EUR;-45,90;EUR\n'
    '28.02.2024;28.02.2024;Müller AG;Gehalt;Gehalt Februar;1.280,46;EUR;2.500,00;EUR\n', 'LATIN1') AS german \gset
SELECT * FROM shown(:'german');
SELECT suggested(:p, 'german', :'german') AS s \gset
SELECT * FROM load(:s, :'german'::bytea);
SELECT * FROM records(:s);

-- English: debit and credit, the month first.
SELECT convert_to(E'Date,Description,Debit,Credit,Balance\n03/15/2024,"ACME, Inc",45.00,,955.00\n'
    '03/16/2024,Salary,,"1,200.00","2,155.00"\n', 'UTF8') AS english \gset
SELECT * FROM shown(:'english');
SELECT suggested(:p, 'english', :'english') AS s \gset
SELECT * FROM load(:s, :'english'::bytea);
SELECT * FROM records(:s);

-- French: everything quoted, so that NULL is ""; a blank parts the thousands.
SELECT convert_to(E'"Date opération";"Date de valeur";"Libellé";"Débit euros";"Crédit euros"\r\n'
    '"31/01/2024";"01/02/2024";"VIREMENT L''ATELIER";"";"1 200,00"\r\n"02/02/2024";"02/02/2024";"CARTE";"45,10";""\r\n', 'WIN1252') AS french \gset
SELECT * FROM shown(:'french');
SELECT suggested(:p, 'french', :'french') AS s \gset
SELECT * FROM load(:s, :'french'::bytea);
SELECT * FROM records(:s);

-- Spanish, Italian, Dutch, Portuguese.
SELECT convert_to(E'Fecha;Concepto;Importe;Saldo\n15/02/2024;Compra;-12,50;100,00\n16/02/2024;Nómina;1.500,00;1.600,00\n', 'UTF8') AS spanish,
    convert_to(E'Data,Valuta,Causale,Importo,Divisa\n2024-01-05,2024-01-07,Bonifico,"1.000,50",EUR\n2024-01-06,2024-01-08,Prelievo,"-100,00",EUR\n', 'UTF8') AS italian,
    convert_to(E'"Datum","Naam / Omschrijving","Tegenrekening","Af Bij","Bedrag (EUR)","Mededelingen"\n'
        '"20240105","Kruidenier","","Af","12,50","Pas 1"\n"20240106","Werkgever","NL91ABNA0417164300","Bij","2500,00","Salaris"\n', 'UTF8') AS dutch,
    convert_to(E'Data Mov.\tData Valor\tDescrição\tDébito\tCrédito\n05-01-2024\t05-01-2024\tCompra\t10,00\t\n25-01-2024\t26-01-2024\tSalário\t\t1.500,00\n', 'UTF8') AS portuguese \gset
SELECT recon.suggest_mapping(:'spanish') -> 'mapping' AS spanish;
SELECT recon.suggest_mapping(:'italian') -> 'mapping' AS italian;
SELECT s -> 'mapping' AS dutch, s -> 'notes' AS notes, s #> '{confidence,fields,amount}' AS amount FROM recon.suggest_mapping(:'dutch') s;
SELECT s -> 'dialect' AS dialect, s -> 'mapping' AS portuguese FROM recon.suggest_mapping(:'portuguese') s;
SELECT suggested(:p, 'spanish', :'spanish') AS es, suggested(:p, 'italian', :'italian') AS it, suggested(:p, 'dutch', :'dutch') AS nl, suggested(:p, 'portuguese', :'portuguese') AS pt \gset
SELECT * FROM load(:es, :'spanish'::bytea) UNION ALL SELECT * FROM load(:it, :'italian'::bytea)
UNION ALL SELECT * FROM load(:nl, :'dutch'::bytea) UNION ALL SELECT * FROM load(:pt, :'portuguese'::bytea);
SELECT transaction_date, value_date, amount, currency, description FROM records(:pt);

-- Options that say "auto" are what the file's first bytes say; the load keeps what they were.
SELECT recon.create_source(:p, 'auto', '{"transaction_date": {"column": "Buchung", "format": "DD.MM.YYYY"}, "amount": {"column": "Betrag", "decimal": ",", "thousands": "."}}',
    '{"delimiter": "auto", "quote": "auto", "escape": "auto", "encoding": "auto", "header": "auto", "skip_lines": "auto", "comment": "auto", "line_terminator": "auto"}') AS auto \gset
SELECT * FROM load(:auto, :'german'::bytea);
SELECT transaction_date, amount FROM records(:auto);
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:auto);
SELECT * FROM load(:auto, convert_to(E'Buchung,Betrag\n05.01.2024,"1,5x"\n16.01.2024,"2,75"\n', 'UTF8'), '{"quote": "\"", "header": true}');
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:auto);
SELECT col, code, raw FROM rejects(:auto);
SELECT records_read, records_rejected FROM recon.retry_rejects(newest_load(:auto));

-- No header, another quote, no evidence at all; a cut in the middle of a line.
SELECT * FROM shown(E'2024-01-05|''Coffee | tea''|-3.50|EUR\n2024-01-06|''Long text''|10.00|EUR\n2024-01-07|''Third row''|-1.25|EUR\n2024-01-0');
SELECT * FROM shown('');
SELECT s -> 'mapping' AS mapping, s #> '{confidence,overall}' AS overall FROM recon.suggest_mapping('\x00ff') s;
SELECT recon.suggest_mapping(NULL) IS NULL AS null_is_null;

-- Anybody may ask.
CREATE ROLE regress_eve;
SET ROLE regress_eve;
SELECT recon.suggest_mapping(E'date,amount\n2024-01-01,5\n') -> 'mapping' AS mapping;
RESET ROLE;
DROP ROLE regress_eve;
