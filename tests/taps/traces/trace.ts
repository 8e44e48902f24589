/**
 * A synthetic trace: who opened a survey mail's links, when and how, and what the customer meant. None was recorded from
 * real traffic; each was written from what such products are known to do, before there was any classifier to please.
 */
export interface Trace {
  readonly name: string;
  readonly family: string;
  /** `both`: a machine and the customer, in either order. */
  readonly made: 'machine' | 'human' | 'both';
  /** The scores a person meant to give, in order; empty when nobody did. Any other answer is a false one. */
  readonly means: readonly number[];
  /** When the relay took the survey's mails, in ms from `deliveredAt`. */
  readonly mailsAt?: readonly number[];
  readonly deliveredAt: string;
  readonly requests: readonly TraceRequest[];
}

export interface TraceRequest {
  /** From `deliveredAt`, in ms. */
  readonly at: number;
  /** Stands for one address. */
  readonly caller: string;
  readonly browser: BrowserName;
  /** `confirm` is what the page's own script posts, `press` the button; both for the page that caller opened last. */
  readonly does: 'head' | 'options' | 'open' | 'trap' | 'confirm' | 'press';
  /** Null for the link without a score. */
  readonly score: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly saw?: Saw;
  /** A confirmation that names no page: nobody opened one. */
  readonly pageless?: boolean;
}

/** What the page's script reports. */
export interface Saw {
  readonly shownMs: number;
  readonly touched: boolean;
  readonly driven: boolean;
  readonly activated: boolean;
}

const CHROMIUM = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.9',
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-user': '?1',
  'sec-fetch-dest': 'document',
  'upgrade-insecure-requests': '1',
};
const chromium = (platform: string, version: string, rest = '') =>
  `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 ${rest}`;
const WINDOWS = 'Windows NT 10.0; Win64; x64';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS';

/** Headers by program. */
export const BROWSERS = {
  edge: { ...CHROMIUM, 'user-agent': chromium(WINDOWS, '142', 'Safari/537.36 Edg/142.0.0.0') },
  'edge-of-a-sandbox': { ...CHROMIUM, 'user-agent': chromium(WINDOWS, '140', 'Safari/537.36 Edg/140.0.0.0') },
  'older-edge-of-a-sandbox': {
    ...CHROMIUM,
    'user-agent': chromium(WINDOWS, '131', 'Safari/537.36 Edg/131.0.0.0'),
  },
  chrome: {
    ...CHROMIUM,
    'user-agent': chromium(WINDOWS, '142', 'Safari/537.36'),
    'sec-fetch-site': 'cross-site',
  },
  'chrome-of-a-sandbox': { ...CHROMIUM, 'user-agent': chromium(WINDOWS, '138', 'Safari/537.36') },
  'chrome-on-android': {
    ...CHROMIUM,
    'user-agent': chromium('Linux; Android 10; K', '142', 'Mobile Safari/537.36'),
    'sec-fetch-site': 'cross-site',
    'accept-language': 'de-DE,de;q=0.9,en;q=0.8',
  },
  'android-webview': {
    ...CHROMIUM,
    'user-agent':
      'Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36',
    'x-requested-with': 'com.microsoft.office.outlook',
  },
  iphone: {
    'user-agent': `${IPHONE} 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1`,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language': 'fr-FR,fr;q=0.9',
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  },
  'old-iphone': {
    'user-agent': `${IPHONE} 15_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 Mobile/15E148 Safari/604.1`,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language': 'en-GB,en;q=0.9',
  },
  firefox: {
    'user-agent': `Mozilla/5.0 (${WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0`,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language': 'de,en-US;q=0.7,en;q=0.3',
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-user': '?1',
    'sec-fetch-dest': 'document',
  },
  lynx: {
    'user-agent': 'Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1',
    accept: 'text/html, text/plain, */*;q=0.01',
    'accept-language': 'en',
  },
  'safari-preview': {
    'user-agent':
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.3 Safari/605.1.15',
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language': 'en-GB,en;q=0.9',
    'x-purpose': 'preview',
  },
  // Names a browser, and brings nothing that one brings.
  'plain-fetcher': { 'user-agent': chromium(WINDOWS, '124', 'Safari/537.36'), accept: '*/*' },
  'emulated-browser': {
    'user-agent': chromium(WINDOWS, '128', 'Safari/537.36'),
    accept: 'text/html,*/*;q=0.8',
    'accept-encoding': 'gzip, deflate',
  },
  'headless-chrome': {
    ...CHROMIUM,
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36',
  },
  'named-scanner': {
    ...CHROMIUM,
    'user-agent': chromium(WINDOWS, '138', 'Safari/537.36 (compatible; LinkScanner/3.1)'),
  },
  'office-discovery': { 'user-agent': 'Microsoft Office Existence Discovery', accept: '*/*' },
  'image-proxy': {
    'user-agent': 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  },
  'apple-proxy': { 'user-agent': 'Mozilla/5.0', accept: '*/*' },
  'link-safety': { 'user-agent': 'Google-Safety; (+http://www.google.com/bot.html)', accept: '*/*' },
  slack: {
    'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    range: 'bytes=0-32768',
  },
  teams: {
    'user-agent':
      'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
  },
  'message-preview': {
    'user-agent':
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  },
  antivirus: { 'user-agent': 'Avast Antivirus', accept: '*/*' },
  curl: { 'user-agent': 'curl/8.5.0', accept: '*/*' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type BrowserName = keyof typeof BROWSERS;

export const SECONDS = 1_000;
export const MINUTES = 60 * SECONDS;
export const HOURS = 60 * MINUTES;
export const DAYS = 24 * HOURS;

type Rest = Partial<Pick<TraceRequest, 'headers' | 'pageless'>>;

export const head = (
  at: number,
  caller: string,
  browser: BrowserName,
  score: number | null,
): TraceRequest => ({ at, caller, browser, does: 'head', score });
export const options = (
  at: number,
  caller: string,
  browser: BrowserName,
  score: number | null,
): TraceRequest => ({ at, caller, browser, does: 'options', score });
export const open = (
  at: number,
  caller: string,
  browser: BrowserName,
  score: number | null,
  rest: Rest = {},
): TraceRequest => ({ at, caller, browser, does: 'open', score, ...rest });
export const trap = (at: number, caller: string, browser: BrowserName): TraceRequest => ({
  at,
  caller,
  browser,
  does: 'trap',
  score: null,
});
export const press = (at: number, caller: string, browser: BrowserName, score: number): TraceRequest => ({
  at,
  caller,
  browser,
  does: 'press',
  score,
});
export const confirm = (
  at: number,
  caller: string,
  browser: BrowserName,
  score: number,
  saw: Partial<Saw> = {},
  rest: Rest = {},
): TraceRequest => ({
  at,
  caller,
  browser,
  does: 'confirm',
  score,
  saw: { shownMs: 1_500, touched: false, driven: false, activated: false, ...saw },
  ...rest,
});
