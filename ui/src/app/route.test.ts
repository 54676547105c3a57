import { expect, test } from 'vitest';

import { href, PAGES, parse } from './route';

test.each(PAGES.map((page) => [page]))('the address of %s leads to it', (page) => {
  expect(parse(href(page))).toEqual({ page, section: '' });
  expect(parse(href(page, 'part'))).toEqual({ page, section: 'part' });
});

test('what is no page of ours leads nowhere', () => {
  expect(parse('')).toBeNull();
  expect(parse('#/elsewhere')).toBeNull();
  expect(parse('#/constructor')).toBeNull();
});
