'use strict';

(() => {
  const check = document.getElementById('check');
  const SCOPE = '/.doorcode/check/worker/';
  const SECONDS = 10;

  const tests = {
    'secure-context': async () => {
      if (!window.isSecureContext) throw new Error('the page is not a secure context');
    },
    'service-worker': async () => {
      const workers = navigator.serviceWorker;
      if (!workers) return missing;
      await forget(workers);
      const registration = await workers.register('/.doorcode/check/worker.js', {
        scope: SCOPE,
        updateViaCache: 'none',
      });
      try {
        const worker = registration.installing ?? registration.waiting ?? registration.active;
        await activation(worker);
        await answer(worker);
      } finally {
        await registration.unregister();
      }
    },
    websocket: async () => {
      if (!window.WebSocket) return missing;
      await echo(`wss://${location.host}/.doorcode/check/echo`);
    },
    clipboard: async () => {
      if (!navigator.clipboard?.writeText) return missing;
    },
  };
  const missing = Symbol('the browser does not offer it');

  /** What a check that was interrupted left behind. A registration that is there already would prove nothing now. */
  async function forget(workers) {
    const found = await workers.getRegistration(SCOPE);
    if (found && new URL(found.scope).pathname === SCOPE) await found.unregister();
  }

  function activation(worker) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (worker.state === 'activated') resolve();
        if (worker.state === 'redundant') reject(new Error('the service worker was discarded'));
      };
      worker.addEventListener('statechange', look);
      look();
    });
  }

  function answer(worker) {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      worker.postMessage('check', [port2]);
    });
  }

  function echo(address) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address, ['doorcode-check', check.dataset.page]);
      const said = String(Math.random());
      socket.onopen = () => socket.send(said);
      socket.onmessage = ({ data }) => {
        if (data === said) resolve();
        else reject(new Error('the WebSocket said something else'));
        socket.close();
      };
      socket.onclose = ({ code }) => reject(new Error(`the WebSocket was closed (${code})`));
    });
  }

  async function run(id) {
    let late;
    const limit = new Promise((_, reject) => {
      late = setTimeout(() => reject(new Error(`no answer within ${SECONDS} seconds`)), SECONDS * 1000);
    });
    try {
      const result = await Promise.race([tests[id](), limit]);
      return { id, outcome: result === missing ? 'missing' : 'passed' };
    } catch (error) {
      return { id, outcome: 'refused', detail: `${error.name}: ${error.message}`.slice(0, 400) };
    } finally {
      clearTimeout(late);
    }
  }

  /** Whether the engine took it. */
  async function report(results) {
    try {
      const answered = await fetch('/.doorcode/check/report', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ page: check.dataset.page, tests: results }),
      });
      return answered.ok;
    } catch {
      return false;
    }
  }

  function show({ id, outcome, detail }) {
    const line = check.querySelector(`[data-test="${id}"]`);
    line.dataset.outcome = outcome;
    const words = { passed: 'works', missing: 'not offered by this browser window', refused: 'refused' };
    line.querySelector('.outcome').textContent = words[outcome];
    line.querySelector('.detail').textContent = detail ?? '';
  }

  /** The one thing to say about all of them. */
  function verdict(results) {
    const outcome = Object.fromEntries(results.map((result) => [result.id, result.outcome]));
    if (results.every((result) => result.outcome === 'passed')) return 'passed';
    if (outcome['service-worker'] === 'refused') return 'not-trusted';
    if (outcome['service-worker'] === 'missing') return 'no-workers';
    return 'other';
  }

  async function main() {
    const results = await Promise.all(
      Object.keys(tests).map(async (id) => {
        const result = await run(id);
        show(result);
        return result;
      }),
    );
    const taken = await report(results);
    const said = verdict(results);
    check.dataset.verdict = said;
    for (const part of check.querySelectorAll('[data-when]')) {
      part.hidden = !part.dataset.when.split(' ').includes(said);
    }
    document.getElementById('unreported').hidden = taken;
    document.title = document.querySelector('#verdict :not([hidden])').textContent;
  }

  main();
})();
