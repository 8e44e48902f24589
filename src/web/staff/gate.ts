import { timingSafeEqual } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';
import { findApiKey } from '../../store/api-keys.ts';
import { hashBearer } from '../../store/bearer.ts';
import { beginSession, endSession, findSession } from '../../store/sessions.ts';
import type { Visit } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';

/** Who asks, by the session of their browser or by a key; and how sessions begin and end. */
export interface Gate {
  /** By the session alone. */
  sessionOf(request: Request): Promise<Visit | null>;
  /** By the key in `Authorization: Bearer`; a session is not looked at where that header stands. */
  keyOf(request: Request): Promise<Visit | null>;
  /** True when the browser says that the request comes from a page of ours, or that a person typed it in. */
  isFromHere(request: Request): boolean;
  /** A new session in place of whatever the browser had. */
  begin(request: Request, response: Response, userId: string): Promise<void>;
  end(request: Request, response: Response): Promise<void>;
  /** For a cookie of ours that only we read: its name on this kind of address, and how it is set. */
  cookie(name: string): { readonly name: string; readonly options: CookieOptions };
}

export function createGate({ db, clock, publicUrl, signIn, hashCaller }: StaffDeps): Gate {
  const isSecure = publicUrl.startsWith('https:');
  const cookie: Gate['cookie'] = (name) => ({
    // Browsers keep such a name to this very host and to https.
    name: isSecure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
  });
  const session = cookie('caseloop');
  const tokenOf = (request: Request): string | null => readCookie(request, session.name);

  return {
    cookie,
    async sessionOf(request) {
      const token = tokenOf(request);
      if (token === null) return null;
      // What a page fetches by itself is nobody's click: a screen that is left on signs itself out.
      const isActive = request.get('sec-fetch-dest') !== 'empty';
      return findSession(db, token, { at: clock.now(), rules: signIn, isActive });
    },
    async keyOf(request) {
      const key = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
      const viewer = key === undefined ? null : await findApiKey(db, key, clock.now());
      return viewer === null ? null : { viewer, csrf: '' };
    },
    isFromHere(request) {
      const site = request.get('sec-fetch-site');
      if (site !== undefined) return site === 'same-origin' || site === 'none';
      const origin = request.get('origin');
      return (
        origin !== undefined &&
        (origin === new URL(publicUrl).origin || origin === `${request.protocol}://${request.host}`)
      );
    },
    async begin(request, response, userId) {
      const old = tokenOf(request);
      if (old !== null) await endSession(db, old);
      const token = await beginSession(db, {
        userId,
        caller: hashCaller(request.ip ?? ''),
        at: clock.now(),
        rules: signIn,
      });
      response.cookie(session.name, token, { ...session.options, maxAge: signIn.lifetimeMs });
    },
    async end(request, response) {
      const token = tokenOf(request);
      if (token !== null) await endSession(db, token);
      response.clearCookie(session.name, session.options);
    },
  };
}

export function readCookie(request: Request, name: string): string | null {
  return parseCookie(request.get('cookie') ?? '')[name] ?? null;
}

/** Whether a form or a script sent the token of its session. */
export function hasToken(request: Request, csrf: string): boolean {
  const sent: unknown = request.body?.csrf ?? request.get('x-csrf-token');
  if (typeof sent !== 'string' || csrf === '') return false;
  // Hashes are equally long, whatever was sent.
  return timingSafeEqual(Buffer.from(hashBearer(sent)), Buffer.from(hashBearer(csrf)));
}
