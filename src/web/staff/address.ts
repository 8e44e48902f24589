const LONGEST = 254;

/** Whether this may be a mail address. Nothing is mailed there; it is what somebody signs in by. */
export function isAddress(text: string): boolean {
  return text.length <= LONGEST && /^[^\s@<>,;"()[\]\\]+@[^\s@<>,;"()[\]\\]+$/.test(text);
}
