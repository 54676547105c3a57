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

/** The message beside the form, if there is one. */
export async function alertText(page) {
  const alert = await page.$('[role=alert]');
  return alert?.evaluate((element) => element.textContent.trim());
}

/** From the door's address to the editor's page. */
export async function signIn(page, door) {
  await openSignIn(page, door);
  return submitPassword(page, door.password);
}

/** Whether the browser shows the sign-in page. */
export function isSignIn(page) {
  return new URL(page.url()).pathname === SIGN_IN;
}
