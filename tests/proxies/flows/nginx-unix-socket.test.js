import { describePerson } from './a-person.js';

describePerson('nginx, over a unix socket', { proxy: 'nginx', proof: 'unix-socket' });
