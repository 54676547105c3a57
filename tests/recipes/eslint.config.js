import browserTests from '../browser/eslint.config.js';

export default [browserTests[0], browserTests[1]];
