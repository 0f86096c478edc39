// Plays one HLS address with hls.js in headless Chromium and prints what happened as JSON.
//
//   node play_hls.mjs --url URL --profile EMPTY_FOLDER [--chromium PATH] [--seconds N]
//
// Exit code 0: a report was printed, be it of a playing or of a failing stream; the caller judges.
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
function recordRequests(context) {
  const requests = new Map();
  context.on('request', (request) => {
    requests.set(request, {
      url: request.url(),
      type: request.resourceType(),
      status: null,
      failure: null,
    });
  });
  context.on('response', (response) => {
    const entry = requests.get(response.request());
    if (entry) entry.status = response.status();
  });
  context.on('requestfailed', (request) => {
    const entry = requests.get(request);
    if (entry) entry.failure = request.failure()?.errorText ?? 'unknown';
  });
  return requests;
}

/** Only what leaves the page: blob: and data: addresses never touch the network. */
function isNetwork(entry) {
  return !/^(blob|data):/.test(entry.url);
}

async function play({ url, profile, executablePath, seconds }) {
  const server = await startPageServer();
  const pageOrigin = `http://127.0.0.1:${server.address().port}`;
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: kFlags });
  try {
    const requests = recordRequests(context);
    const page = await context.newPage();
    const scriptErrors = [];
    page.on('pageerror', (error) => scriptErrors.push(String(error)));
    await page.goto(`${pageOrigin}/`);
    const player = await page.evaluate(
      ([address, limit]) => window.playUntilBoundary(address, limit),
      [url, seconds * 1000],
    );
    const all = [...requests.values()].filter(isNetwork);
    return {
      ...player,
      scriptErrors,
      pageRequests: all.filter((entry) => new URL(entry.url).origin === pageOrigin),
      requests: all.filter((entry) => new URL(entry.url).origin !== pageOrigin),
    };
  } finally {
    await context.close();
    server.close();
  }
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    profile: { type: 'string' },
    chromium: { type: 'string', default: process.env.CHROMIUM || '/usr/bin/chromium' },
    seconds: { type: 'string', default: '30' },
  },
});
if (!values.url || !values.profile) {
  console.error('play_hls.mjs: --url and --profile are required');
  process.exit(2);
}
const report = await play({
  url: values.url,
  profile: values.profile,
  executablePath: values.chromium,
  seconds: Number(values.seconds),
});
console.log(JSON.stringify(report, null, 1));
