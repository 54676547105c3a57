/** English. One file a page; a text with a number or a name in it is a function. */

import { about } from './en/about';
import { certificates } from './en/certificates';
import { common } from './en/common';
import { devices, nav, states, units } from './en/words';
import { health } from './en/health';
import { logs } from './en/logs';
import { overview } from './en/overview';
import { settings } from './en/settings';
import { signIn } from './en/sign-in';
import { trust } from './en/trust';
import { welcome } from './en/welcome';

export const en = {
  locale: 'en-GB',
  about,
  certificates,
  common,
  devices,
  health,
  logs,
  nav,
  overview,
  settings,
  signIn,
  states,
  trust,
  units,
  welcome,
};
