-- A database of its own for a test, named :own: its tables have had no rows, and all go with it. The test ends in
-- \c :home and DROP DATABASE :own.
\set home :DBNAME
SET client_min_messages = error;
DROP DATABASE IF EXISTS :own;
CREATE DATABASE :own;
\c :own
SET client_min_messages = error;
CREATE EXTENSION recon;
