\set ECHO none
\getenv src PG_ABS_SRCDIR
\set common :src '/sql/include/common.sql'
\i :common
\set ECHO queries
-- recon.similarity: published examples of every algorithm, rounded to four decimals.
SELECT algorithm, a, b, round(recon.similarity(a, b, algorithm)::numeric, 4) AS similarity
FROM (VALUES
    (1, 'levenshtein', 'kitten', 'sitting'),                             -- 3 edits of 7
    (1, 'levenshtein', 'saturday', 'sunday'),                            -- 3 edits of 8
    (1, 'damerau_levenshtein', 'specter', 'spectre'),                    -- 1 edit of 7
    (1, 'damerau_levenshtein', 'ca', 'abc'),                             -- 2 edits of 3: unrestricted
    (2, 'jaro', 'MARTHA', 'MARHTA'),                                     -- Winkler: 0.944
    (2, 'jaro', 'CRATE', 'TRACE'),                                       -- 0.733
    (2, 'jaro_winkler', 'MARTHA', 'MARHTA'),                             -- Winkler: 0.961
    (2, 'jaro_winkler', 'DIXON', 'DICKSONX'),                            -- 0.813
    (2, 'jaro_winkler', 'DWAYNE', 'DUANE'),                              -- 0.840
    (3, 'jaccard', 'word', 'two words'),                                 -- pg_trgm: 0.363636
    (3, 'cosine', 'word', 'two words'),
    (3, 'dice', 'word', 'two words'),
    (4, 'token_sort', 'fuzzy wuzzy was a bear', 'wuzzy fuzzy was a bear'), -- fuzzywuzzy: 100
    (4, 'token_sort', 'fuzzy was a bear', 'fuzzy fuzzy was a bear'),     -- fuzzywuzzy: 84
    (4, 'token_set', 'fuzzy was a bear', 'fuzzy fuzzy was a bear'),      -- fuzzywuzzy: 100
    (5, 'soundex', 'Robert', 'Rupert'),                                  -- R163
    (5, 'soundex', 'Robert', 'Rubin'),                                   -- R163, R150
    (5, 'soundex', 'Ashcraft', 'Ashcroft'),                              -- A261
    (5, 'soundex', 'Tymczak', 'Tinczek'),                                -- T522
    (5, 'soundex', 'Pfister', 'Pister'),                                 -- P236, P236
    (5, 'metaphone', 'Thumb', 'Thum'),                                   -- 0M
    (5, 'metaphone', 'Thompson', 'Thomson'),                             -- 0MPSN, 0MSN
    (5, 'double_metaphone', 'Smith', 'Smyth'),                           -- SM0 XMT both
    (5, 'double_metaphone', 'Smith', 'Schmidt'),                         -- SM0 XMT, XMT SMT
    (5, 'double_metaphone', 'Smith', 'Jones')
) v(part, algorithm, a, b) ORDER BY part, algorithm, a, b;

-- Every algorithm: equal texts have 1, also empty ones, and an empty text is like no other.
SELECT algorithm, recon.similarity('Müller & Söhne', 'Müller & Söhne', algorithm) AS equal, recon.similarity('', '', algorithm) AS empty,
       recon.similarity('', 'abc', algorithm) AS one_empty, recon.similarity('日本', '日本', algorithm) AS wide
FROM unnest('{levenshtein,damerau_levenshtein,jaro,jaro_winkler,jaccard,cosine,dice,token_sort,token_set,soundex,metaphone,double_metaphone}'::text[]) algorithm;

-- Characters, not bytes; the phonetic ones read letters without their accents, and sets know no case.
SELECT recon.similarity('日本', '日光', 'levenshtein') AS half, recon.similarity('é', 'e', 'levenshtein') AS none,
       recon.similarity('Łukasiewicz', 'Lukasiewicz', 'soundex') AS soundex, recon.similarity('Müller', 'Muller', 'double_metaphone') AS metaphone,
       recon.similarity('ÉLAN', 'élan', 'jaccard') AS cases, recon.similarity('12', '34', 'soundex') AS no_letters;

-- The algorithms that PostgreSQL's own modules have, on all pairs of some names; but Soundex, which there counts letters about an H or W twice.
CREATE EXTENSION fuzzystrmatch SCHEMA test;
CREATE EXTENSION pg_trgm SCHEMA test;
CREATE TABLE names (name text);
INSERT INTO names SELECT unnest('{Robert,Rupert,Smith,Smyth,Schmidt,Thomas,Thompson,Knight,Night,Wright,Rite,Philips,Filips,Xavier,Savier,Czerny,Cerny,Gallegos,Jose,Hose,
    Michael,Mikel,Hugh,Laugh,Bough,Wasserman,Vasserman,Arnow,Arnoff,Filipowicz,Schwarzenegger,Breaux,Bro,Caesar,Edgar,Edge,McHugh,Mac Gregor,two words,word,
    Northern Trading 17 GmbH,Nothern Trading 17 Gmbh,INV-2024-00017,INV-2024-00071}'::text[]);
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE recon.similarity(a.name, b.name, 'levenshtein')
                        <> 1 - levenshtein(a.name, b.name)::numeric / greatest(length(a.name), length(b.name))) AS levenshtein,
       count(*) FILTER (WHERE (recon.similarity(a.name, b.name, 'metaphone') = 1) <> (metaphone(a.name, 255) = metaphone(b.name, 255))) AS metaphone,
       count(*) FILTER (WHERE (recon.similarity(a.name, b.name, 'double_metaphone') = 1) <> (dmetaphone(a.name) = dmetaphone(b.name))) AS double_metaphone,
       count(*) FILTER (WHERE recon.similarity(a.name, b.name, 'jaccard')::real <> similarity(a.name, b.name)) AS jaccard,
       count(*) FILTER (WHERE recon.similarity(a.name, b.name, 'soundex') <> (soundex(a.name) = soundex(b.name))::int) AS soundex
FROM names a, names b;

-- NULL in, NULL out; unknown algorithms.
SELECT recon.similarity(NULL, 'a', 'jaro') AS a, recon.similarity('a', NULL, 'jaro') AS b, recon.similarity('a', 'a', NULL) AS algorithm;
SELECT err($$SELECT recon.similarity('a', 'b', 'jaro_wrinkler')$$);
SELECT err($$SELECT recon.similarity('a', 'b', 'cologne')$$);

-- It may stand in an index, and can be cancelled.
CREATE INDEX ON names (recon.similarity(name, 'Smith', 'jaro_winkler'));
SELECT provolatile, proisstrict, proparallel FROM pg_proc WHERE oid = 'recon.similarity(text,text,text)'::regprocedure;
SET statement_timeout = '200ms';
SELECT err($$SELECT recon.similarity(repeat('ab', 1000000), repeat('cd', 1000000), 'damerau_levenshtein')$$);
SELECT err($$SELECT recon.similarity(repeat('ab', 1000000), repeat('ba', 1000000) || 'x', 'levenshtein')$$);
RESET statement_timeout;
DROP EXTENSION fuzzystrmatch;
DROP EXTENSION pg_trgm;
