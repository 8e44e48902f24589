/** SMTP takes a path of 256 characters, angle brackets included: RFC 5321, 4.5.3.1.3. */
const LONGEST = 254;
const ADDRESS =
  /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;
/** Senders that nobody reads, or that answer mail with mail. `support-noreply` and `no-reply+4711` are meant too. */
const ROBOT =
  /^(?:mailer-?daemon|postmaster|bounces?|auto-?(?:reply|responder)|(?:.*-)?(?:no|do-?not)-?reply)(?:-|\d|$)/;

/** Why a survey cannot be mailed to an address; null when it can. Decides on the form alone and looks nothing up. */
export function addressProblem(email: string | null): 'missing' | 'malformed' | 'robot' | null {
  if (email === null || email.trim() === '') return 'missing';
  const address = email.trim();
  if (address.length > LONGEST || !ADDRESS.test(address)) return 'malformed';
  return isRobot(address) ? 'robot' : null;
}

function isRobot(address: string): boolean {
  const local = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  return ROBOT.test(local.replaceAll(/[._+=]/g, '-'));
}

/** The first of `domains` that the address is at, or at a subdomain of; null when none. Letter case does not matter. */
export function domainIn(domains: readonly string[], email: string | null): string | null {
  const domain = email
    ?.trim()
    .slice(email.trim().lastIndexOf('@') + 1)
    .toLowerCase();
  if (domain === undefined) return null;
  return domains.find((one) => `.${domain}`.endsWith(`.${one.toLowerCase()}`)) ?? null;
}

/** The same in words that end a sentence. */
export const ADDRESS_PROBLEMS = {
  missing: 'the requester has no e-mail address',
  malformed: "the requester's e-mail address is malformed",
  robot: "the requester's address is one that nobody reads, such as no-reply or mailer-daemon",
} as const;
