// The bench's dialogue on ussd-menu-builder and Express, sessions and prices in one SQLite file.
//
// A menu is made for each request: the library keeps request and reply on the menu itself, so a
// shared one answers two callers at once on one connection and ends the process.
'use strict';

const Database = require('better-sqlite3');
const express = require('express');
const UssdMenu = require('ussd-menu-builder');

function open(synchronous) {
  const db = new Database(process.env.PEER_DB);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  db.pragma('mmap_size = 268435456');
  return db;
}

// As ours: a session may lose its last seconds in a power cut, an act may not.
const db = open('NORMAL');
const durable = open('FULL');

const sql = {
  start: db.prepare("INSERT INTO sessions VALUES (?, ?, '{}', ?) ON CONFLICT DO NOTHING"),
  get: db.prepare('SELECT data FROM sessions WHERE id = ?'),
  set: db.prepare('UPDATE sessions SET data = json_set(data, ?, ?), touched_at = ? WHERE id = ?'),
  caller: db.prepare('SELECT name, language, market_id FROM people WHERE phone = ?'),
  market: db.prepare('SELECT name FROM markets WHERE id = ?'),
  prices: db.prepare(
    'SELECT product, usual FROM prices WHERE market_id = ? AND week_of = ' +
      '(SELECT max(week_of) FROM prices WHERE market_id = ?) ORDER BY rank LIMIT 5',
  ),
  language: durable.prepare('UPDATE people SET language = ? WHERE phone = ?'),
  act: durable.prepare("INSERT INTO acts VALUES (?, 'person.language', ?, ?)"),
  audit: durable.prepare(
    "INSERT INTO audit (at, actor, action, subject, before, after) VALUES (?, ?, 'person.language', ?, ?, ?)",
  ),
};

const changeLanguage = durable.transaction((args, before, after) => {
  const now = new Date().toISOString();
  sql.act.run(`ussd:${args.sessionId}:${args.text}`, JSON.stringify({ language: after }), now);
  sql.language.run(after, args.phoneNumber);
  sql.audit.run(now, args.phoneNumber, args.phoneNumber, before, after);
});

function sessions(args) {
  const run = (work, done) => {
    try {
      done(null, work());
    } catch (error) {
      done(error);
    }
  };
  return {
    start: (id, done) => run(() => sql.start.run(id, args.phoneNumber, Date.now()), done),
    get: (id, key, done) => run(() => JSON.parse(sql.get.get(id).data)[key], done),
    set: (id, key, value, done) =>
      run(() => sql.set.run(`$.${key}`, value, Date.now(), id), done),
    end: (id, done) => run(() => undefined, done),
  };
}

function menuFor(args) {
  const menu = new UssdMenu();
  menu.sessionConfig(sessions(args));
  const caller = sql.caller.get(args.phoneNumber);
  const page = (name, next, words) =>
    menu.state(name, {
      next,
      run: async () => {
        await menu.session.set('screen', name);
        menu.con(words());
      },
    });
  menu.startState({
    next: { 3: 'prices', 5: 'more' },
    run: async () => {
      await menu.session.set('screen', 'home');
      menu.con(`${caller.name}\n1 My duty\n2 Sell\n3 Prices\n4 Lumo\n5 More`);
    },
  });
  page('prices', { 1: 'prices.mine' }, () =>
    'Prices\n1 My market\n2 Type a product\n3 Who sells it\n4 I saw a price\n0 Back');
  page('prices.mine', {}, () => {
    const rows = sql.prices.all(caller.market_id, caller.market_id);
    const lines = rows.map((row, at) => `${at + 1} ${row.product} D${row.usual / 100}`);
    return [sql.market.get(caller.market_id).name, ...lines, '0 Back'].join('\n');
  });
  page('more', { 3: 'settings' }, () => 'More\n3 Settings\n6 About this\n0 Back');
  page('settings', { 1: 'language' }, () => 'Settings\n1 Language\n5 Leave\n0 Back');
  page('language', { 1: 'language.set' }, () => 'Language\n1 English\n2 Francais\n0 Back');
  page('language.set', {}, () => {
    changeLanguage(args, caller.language, 'en');
    return 'Saved: English\n00 Home';
  });
  return menu;
}

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/ussd', (request, response) => {
  const menu = menuFor(request.body);
  menu.on('error', (error) => response.status(500).send(String(error)));
  menu.run(request.body, (reply) => response.type('text/plain').send(reply));
});
app.listen(Number(process.env.PORT), '127.0.0.1');
