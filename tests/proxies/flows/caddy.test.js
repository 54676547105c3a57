import { describePerson } from './a-person.js';

describePerson('Caddy', { proxy: 'caddy' });
