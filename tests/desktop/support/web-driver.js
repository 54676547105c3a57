/** The element's reference in an answer, as the WebDriver specification names it. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** A client of the WebDriver protocol (https://www.w3.org/TR/webdriver2/), as far as these tests need it. */
export class WebDriver {
  #base;
  #session;

  /**
   * @param {string} base the driver's address
   * @param {object} capabilities what `alwaysMatch` asks for
   */
  static async connect(base, capabilities) {
    const driver = new WebDriver();
    driver.#base = base;
    const { sessionId } = await driver.#request('POST', '/session', {
      capabilities: { alwaysMatch: capabilities },
    });
    driver.#session = `/session/${sessionId}`;
    return driver;
  }

  async url() {
    return this.#request('GET', `${this.#session}/url`);
  }

  /** Runs a function in the page; it gets `args`, and its answer, which may be a promise, is given. */
  async execute(script, ...args) {
    const body = `return (${script}).apply(undefined, arguments)`;
    return this.#request('POST', `${this.#session}/execute/sync`, { script: body, args });
  }

  async click(element) {
    await this.#request('POST', `${this.#session}/element/${element}/click`, {});
  }

  async type(element, text) {
    await this.#request('POST', `${this.#session}/element/${element}/value`, { text });
  }

  /** The element that a function in the page has answered, for the other methods. */
  reference(answer) {
    return answer?.[ELEMENT];
  }

  /** An element, as an argument of a function in the page. */
  argument(element) {
    return { [ELEMENT]: element };
  }

  async quit() {
    await this.#request('DELETE', this.#session);
  }

  async #request(method, path, body) {
    const response = await fetch(this.#base + path, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const { value } = await response.json();
    if (response.ok) return value;
    throw Object.assign(new Error(`${method} ${path}: ${value.error}: ${value.message}`), {
      code: value.error,
    });
  }
}
