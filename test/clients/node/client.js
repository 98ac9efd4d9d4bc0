// node-postgres with pg-copy-streams.
'use strict';
const fs = require('fs');
const { Readable } = require('stream');
const { pipeline } = require('stream/promises');
const { Client } = require('pg');
const { from } = require('pg-copy-streams');

const { RECON_FILE, RECON_SOURCE, RECON_BROKEN, RECON_TAG } = process.env;
const content = fs.readFileSync(RECON_FILE);
const copyInto = (source) => `COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE '${source}')`;

function* pieces(data, sizes = [1, 7, 1000, 33, 8191]) {
  for (let at = 0, turn = 0; at < data.length; ++turn) {
    const size = sizes[turn % sizes.length];
    yield data.subarray(at, at + size);
    at += size;
  }
}

const check = (what, condition) => console.log(`${condition ? 'ok' : 'not ok'} - ${what}`);

async function fails(work) {
  try {
    await work();
  } catch (failure) {
    return failure;
  }
  return { code: 'none', message: '' };
}

async function stillUsable(client, what) {
  const { rows } = await client.query('SELECT $1::int + 1 AS n', [41]);
  check(`${what}: the connection goes on`, rows[0].n === 42);
}

async function load(client) {
  const copy = client.query(from(copyInto(RECON_SOURCE)));
  await pipeline(Readable.from(pieces(content)), copy);
  check('load: the count', copy.rowCount === Number(RECON_TAG.split(' ')[1]));
}

async function error(client) {
  const much = Buffer.concat(Array(20).fill(content));
  const failure = await fails(() => pipeline(Readable.from(pieces(much)), client.query(from(copyInto(RECON_BROKEN)))));
  check('error in mid-stream', failure.code === '42703');
  await stillUsable(client, 'error');
}

async function abort(client) {
  const copy = client.query(from(copyInto(RECON_SOURCE)));
  const failure = await fails(() => pipeline(Readable.from((function* () {
    yield content;
    throw new Error('changed my mind');
  })()), copy));
  check('abort by the client', failure.message === 'changed my mind');
  await stillUsable(client, 'abort');
}

async function cancel(client) {
  const other = new Client();
  await other.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const failure = await fails(() => pipeline(Readable.from((async function* () {
    yield content;
    await new Promise((done) => setTimeout(done, 200));
    await other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
    for (let i = 0; i < 200; ++i) yield content;
  })()), client.query(from(copyInto(RECON_SOURCE)))));
  check('cancel', failure.code === '57014');
  await other.end();
  await stillUsable(client, 'cancel');
}

(async () => {
  const client = new Client();
  await client.connect();
  for (const step of [load, error, abort, cancel]) await step(client);
  await client.end();
})().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
