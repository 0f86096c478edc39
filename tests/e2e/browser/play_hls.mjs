// Plays HLS addresses, one after the other, with hls.js in headless Chromium and prints what
// happened as JSON.
//
//   node play_hls.mjs --plays PLAYS --profile EMPTY_FOLDER [--chromium PATH] [--seconds N]
//
// PLAYS is a JSON array; each element is what play() of player.js takes. So is the output, with a
// report for each. --seconds is the limit of each.
// Exit code 0: reports were printed, be it of playing or of failing streams; the caller judges.
// The page comes from a server and port of its own, so the stream is a cross-origin one.

import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const kFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Nothing but loopback exists for this browser.
  '--no-proxy-server',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

const kPage = `<!doctype html><meta charset="utf-8"><title>player</title>
<link rel="icon" href="data:,"><video muted playsinline></video>
<script src="/hls.js"></script><script src="/player.js"></script>`;

/** Serves the page, hls.js and the player on a free loopback port. */
async function startPageServer() {
  const hlsJs = await readFile(resolveHere('node_modules/hls.js/dist/hls.js'));
  const player = await readFile(resolveHere('player.js'));
  const files = new Map([
    ['/', ['text/html', kPage]],
    ['/hls.js', ['text/javascript', hlsJs]],
    ['/player.js', ['text/javascript', player]],
  ]);
  const server = http.createServer((request, response) => {
    const [type, body] = files.get(request.url) ?? [];
    if (!type) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function resolveHere(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Everything the browser asks for, the answers' status beside it; null while there is none. */
function recordRequests(page) {
  const requests = new Map();
  page.on('request', (request) => {
    requests.set(request, {
      url: request.url(),
      type: request.resourceType(),
      status: null,
      failure: null,
    });
  });
  page.on('response', (response) => {
    const entry = requests.get(response.request());
    if (entry) entry.status = response.status();
  });
  page.on('requestfailed', (request) => {
    const entry = requests.get(request);
    if (entry) entry.failure = request.failure()?.errorText ?? 'unknown';
  });
  return requests;
}

/** Only what leaves the page: blob: and data: addresses never touch the network. */
function isNetwork(entry) {
  return !/^(blob|data):/.test(entry.url);
}

/** Plays one address in a page of its own. */
async function play(context, pageOrigin, wanted, seconds) {
  const page = await context.newPage();
  const requests = recordRequests(page);
  const scriptErrors = [];
  page.on('pageerror', (error) => scriptErrors.push(String(error)));
  await page.goto(`${pageOrigin}/`);
  const player = await page.evaluate(
    ([stream, limit]) => window.play(stream, limit),
    [wanted, seconds * 1000],
  );
  await page.close();
  const all = [...requests.values()].filter(isNetwork);
  return {
    ...player,
    scriptErrors,
    pageRequests: all.filter((entry) => new URL(entry.url).origin === pageOrigin),
    requests: all.filter((entry) => new URL(entry.url).origin !== pageOrigin),
  };
}

async function playAll({ plays, profile, executablePath, seconds }) {
  const server = await startPageServer();
  const pageOrigin = `http://127.0.0.1:${server.address().port}`;
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: kFlags });
  try {
    const reports = [];
    for (const wanted of plays) reports.push(await play(context, pageOrigin, wanted, seconds));
    return reports;
  } finally {
    await context.close();
    server.close();
  }
}

const { values } = parseArgs({
  options: {
    plays: { type: 'string' },
    profile: { type: 'string' },
    chromium: { type: 'string', default: process.env.CHROMIUM || '/usr/bin/chromium' },
    seconds: { type: 'string', default: '30' },
  },
});
if (!values.plays || !values.profile) {
  console.error('play_hls.mjs: --plays and --profile are required');
  process.exit(2);
}
const reports = await playAll({
  plays: JSON.parse(values.plays),
  profile: values.profile,
  executablePath: values.chromium,
  seconds: Number(values.seconds),
});
console.log(JSON.stringify(reports, null, 1));
