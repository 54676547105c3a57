'use strict';

(() => {
  const check = document.getElementById('check');
  const SCOPE = '/.doorcode/check/worker/';
  const SECONDS = 10;
  /** A browser that lets service workers start after a click-through. */
  const isFirefox = CSS.supports('-moz-appearance', 'none');
  const missing = Symbol('the browser does not offer it');

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

  /**
   * Whether the certificate is trusted, and not only accepted at this address: at another name of the host nobody has
   * clicked through a warning. Where there is none, what Chromium and Safari refuse after that tells; in Firefox, nothing.
   */
  async function certificate(outcome) {
    const { other } = check.dataset;
    if (other) {
      const address = `https://${other}/.doorcode/check/worker.js`;
      return run('certificate', async () => {
        try {
          await fetch(address, { mode: 'no-cors', cache: 'no-store' });
        } catch {
          throw new Error(`the browser refuses the same certificate at ${other}`);
        }
      });
    }
    if (isFirefox) return { id: 'certificate', outcome: 'missing' };
    const worker = outcome['service-worker'];
    const isChromium = Boolean(navigator.userAgentData);
    const socketTells = !isChromium && worker === 'passed' && outcome.websocket === 'refused';
    return { id: 'certificate', outcome: socketTells ? 'refused' : worker };
  }

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

  async function run(id, test) {
    let late;
    const limit = new Promise((_, reject) => {
      late = setTimeout(() => reject(new Error(`no answer within ${SECONDS} seconds`)), SECONDS * 1000);
    });
    try {
      const result = await Promise.race([test(), limit]);
      return { id, outcome: result === missing ? 'missing' : 'passed' };
    } catch (error) {
      return { id, outcome: 'refused', detail: String(error).slice(0, 400) };
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
    line.querySelector('.outcome').textContent = words(id)[outcome];
    line.querySelector('.detail').textContent = detail ?? '';
  }

  function words(id) {
    return id === 'certificate'
      ? { passed: 'trusted', missing: 'this browser does not tell', refused: 'not trusted' }
      : { passed: 'works', missing: 'not offered by this browser window', refused: 'refused' };
  }

  const byId = (results) => Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));

  /** The one thing to say about all of them. */
  function verdict(results) {
    const { certificate: trust, ...others } = byId(results);
    if (trust === 'refused' || others['service-worker'] === 'refused') return 'not-trusted';
    if (others['service-worker'] === 'missing') return 'no-workers';
    if (Object.values(others).some((outcome) => outcome !== 'passed')) return 'other';
    return trust === 'passed' ? 'passed' : 'works';
  }

  async function main() {
    const results = await Promise.all(
      Object.entries(tests).map(async ([id, test]) => {
        const result = await run(id, test);
        show(result);
        return result;
      }),
    );
    const trust = await certificate(byId(results));
    show(trust);
    results.push(trust);
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
