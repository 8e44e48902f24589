const LONGEST = 2_000;

/** Where somebody wanted to go before the sign-in: a page for staff on this server, whatever stood in the address. */
export function ownPath(wanted: unknown): string {
  const isOurs =
    typeof wanted === 'string' &&
    wanted.length <= LONGEST &&
    /^\/dashboard(?:[/?][\x21-\x5b\x5d-\x7e]*)?$/.test(wanted);
  return isOurs ? wanted : '/dashboard';
}
