import { describePerson } from './a-person.js';

describePerson('nginx', { proxy: 'nginx' });
