\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
-- What comes before the CSV: files packed with gzip, and in encodings whose characters may hold the bytes of a delimiter.
SELECT recon.create_project('input') AS p \gset
SELECT recon.create_source(:p, 'packed', '{"external_id": "id", "amount": "amount"}') AS s \gset
CREATE FUNCTION test.load_named(source_id bigint, name text, content bytea) RETURNS TABLE (status text, read bigint, loaded bigint, rejected bigint, duplicate bigint, bytes bigint)
    LANGUAGE sql AS $$
    SELECT status, records_read, records_loaded, records_rejected, records_duplicate, bytes_read FROM recon.ingest_file($1, test.file($2, $3))
$$;

-- The first bytes tell, whatever the name. Members follow one another; the bytes read are those of the file.
\set member1 1f8b0800000000000203cb4cd149cccd2fcd2be132d431e402008496aaac0e000000
\set member2 1f8b080000000000020333d2a9e032d631e60200692b61c008000000
SELECT * FROM load_named(:s, 'input.csv.gz', decode(:'member1' || :'member2', 'hex'));
SELECT line, external_id, amount FROM records(:s);
SELECT * FROM rejects(:s);
SELECT f.bytes FROM recon.files f WHERE source_id = :s;
SELECT * FROM load_named(:s, 'other name.csv', decode(:'member1' || :'member2', 'hex'));
SELECT * FROM load_named(:s, 'plain.csv.gz', E'id,amount\n4,4\n');
-- The same records in a file packed otherwise are known.
SELECT * FROM load_named(:s, 'input.csv', E'id,amount\n1,1\n3,3\n');
SELECT status, records_loaded FROM recon.retry_rejects(newest_load(:s) - 3);
SELECT status, records_loaded FROM recon.retry_rejects(newest_load(:s) - 4, '{"external_id": "id", "reference": "amount"}');

-- What is cut or damaged loads nothing.
SELECT count(*) FROM recon.ingestions WHERE source_id = :s;
SELECT what, err(format('SELECT test.load_named(%s, ''bad.gz'', %L)', :s, decode(bytes, 'hex'))) FROM (VALUES
    ('cut', left(:'member1', -2)), ('cut in the header', left(:'member1', 8)), ('second member cut', :'member1' || left(:'member2', -10)),
    ('checksum', left(:'member1', -16) || '00000000' || right(:'member1', 8)), ('followed by text', :'member1' || '6162630a'),
    ('padded', :'member1' || '0000000000')) v(what, bytes);
SELECT count(*) FROM recon.ingestions WHERE source_id = :s;

-- Each wide encoding by its name; quotes, line ends and delimiters are those of the text.
SELECT recon.create_source(:p, 'wide', '{"external_id": "id", "description": "text"}') AS w \gset
SELECT e.name, l.loaded, l.rejected, (SELECT description FROM records(:w + 0 * l.read)) FROM (VALUES
    ('SJIS', '\x69642c746578740a312c22534a495320955c837c835c220a'::bytea),
    ('BIG5', '\x69642c746578740a312c224249473520a55cb35cbb5c220a'::bytea),
    ('GBK', '\x69642c746578740a312c2247424b208140d453220a'::bytea),
    ('UHC', '\x69642c746578740a312c22554843208141c7d1b1db220a'::bytea),
    ('GB18030', '\x69642c746578740a312c22474231383033302081409439fc36220a'::bytea),
    ('UTF16LE', '\x690064002c0074006500780074000a0031002c002200550054004600310036004c0045002000e9003dd800de22000a00'::bytea),
    ('UTF16BE', '\x00690064002c0074006500780074000a0031002c00220055005400460031003600420045002000e9d83dde000022000a'::bytea),
    ('UTF32LE', '\x69000000640000002c000000740000006500000078000000740000000a000000310000002c0000002200000055000000540000004600000033000000320000004c0000004500000020000000e900000000f60100220000000a000000'::bytea),
    ('utf-32be', '\x00000069000000640000002c000000740000006500000078000000740000000a000000310000002c000000220000007500000074000000660000002d0000003300000032000000620000006500000020000000e90001f600000000220000000a'::bytea)) e(name, content),
    LATERAL load(:w, e.content, jsonb_build_object('encoding', e.name, 'force', true, 'on_duplicate', 'update')) l;

-- Malformed bytes cost their record; rejects are kept as they came, and can be loaded again.
SELECT recon.create_source(:p, 'sjis', '{"external_id": "id", "amount": "text"}', '{"encoding": "SJIS"}') AS j \gset
SELECT * FROM load(:j, '\x69642c746578740a312c955c7c837c0a322c61950a332c835c0a342c88ea2c0a'::bytea);
SELECT line, at, col, code, message, raw FROM rejects(:j);
SELECT newest_load(:j) AS sjis_load \gset
SELECT status, records_read, records_loaded, records_rejected FROM recon.retry_rejects(:sjis_load, '{"external_id": "id", "description": "text"}');
SELECT line, external_id, description FROM records(:j);
SELECT line_no, error_code, message FROM recon.ingest_errors WHERE ingestion_id = :sjis_load AND resolved_by IS NULL ORDER BY line_no;

-- A byte order mark decides, whatever the options say; what it said is kept for the rejects.
SELECT recon.create_source(:p, 'marked', '{"external_id": "id", "amount": "amount"}', '{"encoding": "LATIN1"}') AS m \gset
SELECT * FROM load(:m, '\xfffe690064002c0061006d006f0075006e0074000a0031002c0078000a0032002c0032000a0033002c00e9000a00'::bytea);
SELECT * FROM rejects(:m);
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:m);
SELECT status, records_loaded FROM recon.retry_rejects(newest_load(:m), '{"external_id": "id", "reference": "amount"}');
SELECT line, external_id, reference FROM records(:m);
SELECT * FROM load(:m, '\xefbbbf69642c616d6f756e740a352cc3a90a'::bytea);
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:m);
SELECT status, records_loaded FROM recon.retry_rejects(newest_load(:m), '{"external_id": "id", "reference": "amount"}');
SELECT line, external_id, reference FROM records(:m);
-- Found where nobody names it, also by suggest_mapping, packed or not.
SELECT recon.create_source(:p, 'found', '{"external_id": "id", "amount": "amount"}', '{"encoding": "auto"}') AS f \gset
SELECT * FROM load(:f, decode(substr('fffe690064002c0061006d006f0075006e0074000a0031002c0078000a0032002c0032000a0033002c00e9000a00', 5), 'hex'));
SELECT options FROM recon.ingestions WHERE ingestion_id = newest_load(:f);
SELECT recon.suggest_mapping(decode('fffe690064002c0061006d006f0075006e0074000a0031002c0078000a0032002c0032000a0033002c00e9000a00', 'hex')) -> 'dialect' ->> 'encoding' AS encoding,
    recon.suggest_mapping(decode(:'member1' || :'member2', 'hex')) = recon.suggest_mapping(E'id,amount\n1,1\n2,x\n3,3\n') AS unpacked;
SELECT err(format('SELECT recon.create_source(%s, ''x'', NULL, ''{"encoding": "UTF17"}'')', :p));
DROP FUNCTION test.load_named;
SELECT recon.drop_project(:p);
