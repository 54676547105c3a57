/** Whether a host name leads to the machine it is asked on. */

/** `localhost` and names below it (RFC 6761, 6.3), 127.0.0.0/8 and ::1; IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
}
