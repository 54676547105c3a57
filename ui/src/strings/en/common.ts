export const common = {
  cancel: 'Cancel',
  close: 'Close',
  loading: 'Loading…',
  copy: (what: string) => `Copy ${what}`,
  copied: (what: string) => `Copied ${what}`,
  not_copied: (why: string) => `Not copied: ${why}`,
  the_command: 'the command',
  what_to_do: 'What to do: ',
  qr_of: (text: string) => `QR code of ${text}`,
  failure: 'Something went wrong in this window',
  dismiss: 'Dismiss',
};
