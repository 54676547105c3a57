/** Who may come in. */
export const PERSON = 'person@example.com';

/** Who may not, though the provider knows them, too. */
export const STRANGER = 'stranger@example.com';
