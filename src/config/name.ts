import { z } from 'zod';

/** What connectors and surveys may be called: their names appear in addresses, logs and queues. */
export const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** The pattern is for editors; `checkAcrossKeys` enforces it, so that what stands below a wrong name is checked as well. */
export const Name = z.string().meta({ pattern: NAME.source });
