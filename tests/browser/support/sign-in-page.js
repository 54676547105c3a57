export const SIGN_IN = '/.doorcode/sign-in';

const PASSWORD = 'input[type=password][name=password]';
const SUBMIT = 'button[type=submit], input[type=submit]';

/** Opens the door's address as somebody who is not signed in, and waits for the form. */
export async function openSignIn(page, door) {
  await page.goto(door.address, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector(PASSWORD);
}

/** Types `password`, sends the form, and gives the answer that the browser then shows. */
export async function submitPassword(page, password) {
  await page.type(PASSWORD, password);
  const [answer] = await Promise.all([
    page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
    page.click(SUBMIT),
  ]);
  return answer;
}

/** What the password field is said to be wrong with, to eyes and screen readers alike; empty if it is fine. */
export async function complaint(page) {
  return page.$eval(PASSWORD, (field) => {
    if (field.getAttribute('aria-invalid') !== 'true') return '';
    return document.getElementById(field.getAttribute('aria-describedby')).innerText.trim();
  });
}

/** From the door's address to the editor's page. */
export async function signIn(page, door) {
  await openSignIn(page, door);
  return submitPassword(page, door.password);
}

/** Signs out on the door's own page for it. */
export async function signOut(page, door) {
  await page.goto(`${door.address}/.doorcode/sign-out`);
  await Promise.all([page.waitForNavigation({ waitUntil: 'domcontentloaded' }), page.click(SUBMIT)]);
}

/** Whether the browser shows the sign-in page. */
export function isSignIn(page) {
  return new URL(page.url()).pathname === SIGN_IN;
}
