import { SURFACES } from '../tones.ts';

/** The colours and the type face of a chart, each by what it says. Anything an SVG attribute takes. */
export interface Palette {
  readonly font: string;
  readonly text: string;
  readonly soft: string;
  readonly grid: string;
  /** What the chart is about. */
  readonly main: string;
  /** A quieter tone of it, for what stands behind. */
  readonly back: string;
  readonly band: string;
  readonly goal: string;
  readonly high: string;
  readonly neutral: string;
  readonly low: string;
  /** What the chart stands on. */
  readonly surface: string;
}

/** For pages: names from staff.css, so that one picture serves light and dark. */
export const PAGE_PALETTE: Palette = {
  font: 'inherit',
  text: 'var(--text)',
  soft: 'var(--soft)',
  grid: 'var(--line)',
  main: 'var(--accent)',
  back: 'var(--bar-neutral)',
  band: 'var(--band)',
  goal: 'var(--goal)',
  high: 'var(--bar-high)',
  neutral: 'var(--bar-neutral)',
  low: 'var(--bar-low)',
  surface: 'var(--card)',
};

/** For pictures, which know no names; on light, since a mail's picture cannot tell what it is shown on. */
export const PICTURE_PALETTE: Palette = {
  font: 'DejaVu Sans',
  text: '#1b1f24',
  soft: '#565e69',
  grid: '#dfe3e8',
  main: '#1d5fb8',
  back: '#a0a9b4',
  band: '#e4e9f0',
  goal: '#7a4fb5',
  high: '#2b9a7b',
  neutral: '#a0a9b4',
  low: '#d9603f',
  surface: SURFACES.light.card,
};
