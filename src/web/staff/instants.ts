/** An instant as a page shows it. */
export interface ShownInstant {
  /** For programs, UTC. */
  readonly iso: string;
  /** For people: "24 Nov 2026, 14:05". */
  readonly text: string;
}

/** Writes instants as the people read them who look at the pages: in the report's zone, which the pages name. */
export function instantsIn(zone: string): (at: Date | string) => ShownInstant {
  const format = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  });
  return (at) => {
    const date = new Date(at);
    return { iso: date.toISOString(), text: format.format(date) };
  };
}
